/** Our addons for sound as TypeScript sees them (both are `native/sink-addon.c` around a device), and how they are found. */
import { existsSync } from 'node:fs';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';

export type SinkAddonKind = 'alsa' | 'pulse';

declare const handle: unique symbol;
export type SinkDevice = { readonly [handle]: true };

export interface SinkOpened {
  readonly device: SinkDevice;
  readonly bufferFrames: number;
  readonly periodFrames: number;
  readonly sampleBits: number;
  readonly canRewind: boolean;
  /** A null device is somewhere in its chain. */
  readonly playsToNobody: boolean;
}

/** Calls on a closed device throw. Negative results are `-errno`. */
export interface SinkAddon {
  /** Rejects with the step that failed and the device's reason. Does not hold up this thread. */
  open(
    name: string,
    rate: number,
    channels: number,
    bufferFrames: number,
    periodFrames: number,
    sampleBits: number,
  ): Promise<SinkOpened>;
  write(device: SinkDevice, samples: Int16Array | Int32Array, frames: number): number;
  avail(device: SinkDevice): number;
  /** Fills in state, delay in frames, and how old both are in microseconds. */
  status(device: SinkDevice, out: Float64Array): number;
  rewind(device: SinkDevice, frames: number): number;
  recover(device: SinkDevice, code: number): number;
  start(device: SinkDevice): number;
  /** Throws away what waits; the device can be written again. */
  reset(device: SinkDevice): number;
  close(device: SinkDevice): void;
  strerror(code: number): string;
}

/** States of a device (alsa/pcm.h). */
export const SINK_STATE = { prepared: 2, running: 3, xrun: 4 } as const;

/** Error numbers that the calls give, on Linux. */
export const SINK_ERROR = { again: -11, xrun: -32 } as const;

/** What people call them. */
export const ADDON_TITLES: Readonly<Record<SinkAddonKind, string>> = { alsa: 'ALSA', pulse: 'PulseAudio' };

/** @param root folder that holds `.build` */
export function loadSinkAddon(root: string, kind: SinkAddonKind): Result<SinkAddon, TonearmError> {
  const file = addonPath(root, kind);
  if (!existsSync(file)) {
    const hint =
      'a C compiler is needed once (Debian: apt install gcc), then: node firmware-scripts/bundle/build-addons.ts';
    return unavailable(kind, `its addon is not built on this machine; ${hint}`);
  }
  let exports: Partial<SinkAddon>;
  try {
    exports = loadNativeAddon<SinkAddon>(file);
  } catch (thrown) {
    return unavailable(kind, thrown instanceof Error ? thrown.message : String(thrown));
  }
  return isComplete(exports) ? ok(exports) : unavailable(kind, `${file} is not the addon it should be`);
}

function isComplete(exports: Partial<SinkAddon>): exports is SinkAddon {
  return typeof exports.open === 'function' && typeof exports.rewind === 'function';
}

function unavailable(kind: SinkAddonKind, reason: string): Result<never, TonearmError> {
  return refused(new TonearmError('sink.unavailable', `${ADDON_TITLES[kind]}: ${reason}`));
}
