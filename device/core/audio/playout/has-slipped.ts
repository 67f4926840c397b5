/** Whether who counts on from the place that was told last is wrong: the device ran dry, or its clock is off. Pure. */
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import type { HeardPlace } from './pacer.ts';

const US_PER_SECOND = 1_000_000;
/** 10 ms: beyond what a device's own report is unsteady by, and short of what is heard as an echo. */
const SLIP_FRAMES = FRAMES_PER_SECOND / 100;

/** @param told what the last report stood on; null: none */
export function hasSlipped(told: HeardPlace | null, heard: HeardPlace | null): boolean {
  if (heard === null || told === null || !heard.isSounding || !told.isSounding || heard.tag !== told.tag) return false;
  const expected = told.positionFrames + ((heard.atUs - told.atUs) * FRAMES_PER_SECOND) / US_PER_SECOND;
  return Math.abs(heard.positionFrames - expected) > SLIP_FRAMES;
}
