/** The native addon as TypeScript sees it, and how it is found. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

declare const handle: unique symbol;
export type AlsaDevice = { readonly [handle]: true };

export interface AlsaOpened {
  readonly device: AlsaDevice;
  readonly bufferFrames: number;
  readonly periodFrames: number;
  /** A null device is somewhere in its chain. */
  readonly playsToNobody: boolean;
}

/** Calls on a closed device throw. Negative results are `-errno`. */
export interface AlsaAddon {
  /** @throws Error with the step that failed and ALSA's reason */
  open(name: string, rate: number, channels: number, bufferFrames: number, periodFrames: number): AlsaOpened;
  write(device: AlsaDevice, samples: Int16Array, frames: number): number;
  avail(device: AlsaDevice): number;
  /** Fills in state, delay in frames, and how old both are in microseconds. */
  status(device: AlsaDevice, out: Float64Array): number;
  recover(device: AlsaDevice, code: number): number;
  start(device: AlsaDevice): number;
  /** Throws away what waits; the device can be written again. */
  reset(device: AlsaDevice): number;
  close(device: AlsaDevice): void;
  strerror(code: number): string;
}

/** States of a PCM (alsa/pcm.h). */
export const ALSA_STATE = { prepared: 2, running: 3, xrun: 4 } as const;

/** Error numbers that ALSA's calls give, on Linux. */
export const ALSA_ERROR = { again: -11, xrun: -32, suspended: -86 } as const;

/** @param root folder that holds `.build` */
export function loadAlsaAddon(root: string): Result<AlsaAddon, TonearmError> {
  const file = path.join(root, '.build', 'addons', `${process.platform}-${process.arch}`, 'alsa.node');
  if (!existsSync(file)) {
    const hint =
      'a C compiler is needed once (Debian: apt install gcc), then: node firmware-scripts/bundle/build-addons.ts';
    return unavailable(`its addon is not built on this machine; ${hint}`);
  }
  const holder: { exports: Partial<AlsaAddon> } = { exports: {} };
  try {
    process.dlopen(holder as unknown as NodeJS.Module, file);
  } catch (thrown) {
    return unavailable(thrown instanceof Error ? thrown.message : String(thrown));
  }
  return isComplete(holder.exports) ? ok(holder.exports) : unavailable(`${file} is not the addon it should be`);
}

function isComplete(exports: Partial<AlsaAddon>): exports is AlsaAddon {
  return typeof exports.open === 'function' && typeof exports.status === 'function';
}

function unavailable(reason: string): Result<never, TonearmError> {
  return refused(new TonearmError('sink.unavailable', `ALSA: ${reason}`));
}
