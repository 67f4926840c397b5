/** A light of the board. */
import type { Ms } from '#protocol/vocabulary/units';

/** Lit or dark, for a while. */
export interface LightStep {
  readonly isOn: boolean;
  readonly lasts: Ms;
}

/** Gone through again and again; one step alone is a steady light. On and off in turn, so that one step follows from another. */
export type LightPattern = readonly [LightStep, ...LightStep[]];

export interface StatusLight {
  /** From its first step, in the place of what was shown. Never throws: a light that fails is no reason to fall silent. */
  show(pattern: LightPattern): void;
  /** Dark, as far as the board keeps it so. Twice is harmless. */
  close(): Promise<void>;
}
