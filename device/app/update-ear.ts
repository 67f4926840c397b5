/**
 * What a speaker knows of updates before it has loaded what looks after them: which release it is, by one short file. So
 * that a speaker that was started anew is heard, and says who it is, without waiting for any of it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BridgeAccess, UpdateListener } from '#device/core/ports/update-listener';
import type { ComposedUpdates, UpdateEnvironment } from './compose-updates.ts';

export interface UpdateEar {
  readonly listener: UpdateListener;
  /** Of the release that runs; null: this is none. */
  readonly version: string | null;
  /** Tells it all that was heard before it was there. */
  attach(updates: Pick<ComposedUpdates, 'offered' | 'bridgeIs'>): void;
}

/** @returns null where nobody has said where versions lie: it takes no updates */
export function openUpdateEar({ TONEARM_FIRMWARE: folder }: UpdateEnvironment): UpdateEar | null {
  if (folder === undefined) return null;
  const { version, seq } = readRunning(folder);
  let updates: Pick<ComposedUpdates, 'offered' | 'bridgeIs'> | null = null;
  let access: BridgeAccess | null = null;
  return {
    version: seq === 0 ? null : version,
    listener: {
      takes: { arch: process.arch === 'arm64' ? 'arm64' : 'x64', seq },
      // One that is not there yet asks by itself when it comes.
      offered: () => updates?.offered(),
      bridgeIs: (told) => {
        access = told;
        updates?.bridgeIs(told);
      },
    },
    attach: (loaded) => {
      updates = loaded;
      if (access !== null) loaded.bridgeIs(access);
    },
  };
}

/** A damaged file is none: what looks after updates says so later. */
function readRunning(folder: string): { readonly version: string | null; readonly seq: number } {
  try {
    const read: unknown = JSON.parse(readFileSync(join(folder, 'current', 'version.json'), 'utf8'));
    if (typeof read === 'object' && read !== null && 'version' in read && 'seq' in read) {
      const isSound = typeof read.version === 'string' && Number.isSafeInteger(read.seq);
      if (isSound) return { version: String(read.version), seq: Math.max(0, Number(read.seq)) };
    }
  } catch {
    // As one that is not there.
  }
  return { version: null, seq: 0 };
}
