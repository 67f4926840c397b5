/**
 * Makes a speaker as new: whose it is, who it is, and what it has played and fetched are gone from its data folder.
 *
 * A reset is a promise that is written down first. However often the plug is pulled, what was begun is finished at the
 * next start, before anything of the old speaker is read; and what is worth most to a thief goes first.
 */
import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { shredSecretFile, writeSecretFile } from '#protocol/adapters/key-file';
import { toTonearmError } from '#protocol/vocabulary/errors';

/** While it is there, the speaker is neither the old one nor the new one yet. */
const PROMISE = 'reset.pending';
/** Overwritten before they are removed, in this order: who it is, whose, and what lets others ask it. */
const SECRETS = ['identity.key', 'ownership.json', 'door.json', 'pairing-code.txt', 'pairing.json', 'settings.json'];
/** Removed as they are: the keys of music with its manifests, then music that nobody can open without them, and what was recorded. */
const REST = [
  'manifests',
  'settings.json.corrupt',
  'playback-0.json',
  'playback-0.json.new',
  'playback-1.json',
  'playback-1.json.new',
  'playback-place.json',
  'sound-trace.json',
  'cache',
  'flight',
];

export interface ResetPlace {
  /** Claimed by this process. */
  readonly folder: string;
  /** Of what is heard; it may be elsewhere. */
  readonly tracePath: string;
}

/** Told before each step, for tests that end the process there. */
export type StepWatcher = (step: string) => void;

const UNWATCHED: StepWatcher = () => {};

/** @throws TonearmError `storage.failed`; what was begun is finished at the next start then */
export function resetSpeaker(place: ResetPlace, watch: StepWatcher = UNWATCHED): void {
  watch('promise');
  promiseReset(place.folder);
  finishReset(place, watch);
}

/** From now on there is no way back: who claims the folder next has to finish it. @throws TonearmError `storage.failed` */
export function promiseReset(folder: string): void {
  writeSecretFile(join(folder, PROMISE), 'everything here is to be removed\n');
}

/** Whether it is still to be finished. */
export function isResetPromised(folder: string): boolean {
  return existsSync(join(folder, PROMISE));
}

/** @returns whether there was one to be finished. @throws TonearmError `storage.failed` */
export function finishReset({ folder, tracePath }: ResetPlace, watch: StepWatcher = UNWATCHED): boolean {
  const promise = join(folder, PROMISE);
  if (!isResetPromised(folder)) return false;
  for (const name of SECRETS) {
    watch(`shred ${name}`);
    shredSecretFile(join(folder, name));
  }
  for (const path of [...REST.map((name) => join(folder, name)), tracePath]) {
    watch(`remove ${path}`);
    remove(path);
  }
  watch('what was removed is on the disk');
  syncFolder(folder);
  watch('the promise is kept');
  remove(promise);
  syncFolder(folder);
  return true;
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    throw toTonearmError(cause, 'storage.failed');
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
