/**
 * One track in every quality that may be played. The files differ in bytes alone: positions, segments and pre-skip are
 * the same in all, so that what is asked of the track is answered by any of them.
 */
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import type { Manifest } from '#protocol/wire/manifest';
import { chooseFiles, type QualityPolicy } from './choose-file.ts';
import { planSegments, type SegmentPlan } from './segment-plan.ts';

export interface TrackPlan {
  /** One a file, ascending by bitrate; at least one. A rung is named by its place in here. */
  readonly rungs: readonly SegmentPlan[];
  /** The best of them; asked for what all have in common. */
  readonly best: SegmentPlan;
}

/**
 * Files that are not cut like the best one (made by another version of ingest, say) cannot follow it and are left out.
 * @returns the plan, or `fetch.unexpected-answer` when the numbers of the manifest contradict each other
 */
export function planTrack(manifest: Manifest, quality: QualityPolicy): Result<TrackPlan, TonearmError> {
  const rungs: SegmentPlan[] = [];
  for (const file of chooseFiles(manifest.files, quality)) {
    const planned = planSegments(file, manifest.durationFrames);
    if (!planned.ok) return planned;
    rungs.push(planned.value);
  }
  const best = rungs.at(-1);
  if (best === undefined) {
    const message = 'manifest: field "files" names no file';
    return refused(new TonearmError('fetch.unexpected-answer', message, { field: 'files' }));
  }
  return ok({ rungs: rungs.filter((rung) => isCutAlike(rung, best)), best });
}

/** Whether every file of one plan is still to be had by the other. */
export function isStillThere(known: TrackPlan, fresh: Manifest): boolean {
  return known.rungs.every(({ file }) => fresh.files.some(({ fileId }) => fileId === file.fileId));
}

function isCutAlike(one: SegmentPlan, other: SegmentPlan): boolean {
  return (
    one.segmentCount === other.segmentCount &&
    one.file.segmentFrames === other.file.segmentFrames &&
    one.file.preSkipFrames === other.file.preSkipFrames
  );
}
