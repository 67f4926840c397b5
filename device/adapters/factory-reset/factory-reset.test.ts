import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileIdentityStore } from '#protocol/adapters/file-identity-store';
import { finishReset, resetSpeaker } from './factory-reset.ts';

const FILES = [
  'identity.key.new',
  'ownership.json',
  'door.json',
  'pairing.json',
  'pairing-code.txt',
  'settings.json',
  'settings.json.new',
  'settings.json.corrupt',
  'playback-0.json',
  'playback-1.json',
  'playback-place.json',
];

let folder: string;
let place: { folder: string; tracePath: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-reset-'));
  place = { folder: join(folder, 'data'), tracePath: join(folder, 'trace.json') };
  mkdirSync(place.folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns the key of the speaker that has lived here */
async function liveIn(): Promise<Uint8Array> {
  for (const file of FILES) writeFileSync(join(place.folder, file), 'something');
  for (const name of ['cache', 'manifests', 'flight']) {
    mkdirSync(join(place.folder, name, 'a'), { recursive: true });
    writeFileSync(join(place.folder, name, 'a', 'b'), 'music');
  }
  writeFileSync(place.tracePath, 'heard');
  return keyOf();
}

async function keyOf(): Promise<Uint8Array> {
  const loaded = await createFileIdentityStore(place.folder).loadOrCreate();
  if (!loaded.ok) throw loaded.error;
  return loaded.value.publicKey;
}

class Killed extends Error {}

/** @returns whether it was killed before the n-th step */
function resetKilledAt(n: number, begin: typeof resetSpeaker | typeof finishReset): boolean {
  let steps = 0;
  try {
    begin(place, () => {
      steps += 1;
      if (steps > n) throw new Killed();
    });
    return false;
  } catch (thrown) {
    if (!(thrown instanceof Killed)) throw thrown;
    return true;
  }
}

describe('a factory reset', () => {
  it('leaves alone what is trusted of updates: an old version must not be offered anew', async () => {
    await liveIn();
    mkdirSync(join(place.folder, 'firmware'));
    writeFileSync(join(place.folder, 'firmware', 'trust.json'), 'seen');
    resetSpeaker(place);
    expect(existsSync(join(place.folder, 'firmware', 'trust.json'))).toBe(true);
  });

  it('leaves nothing of the old speaker, and what is not the speaker’s', async () => {
    const before = await liveIn();
    writeFileSync(join(place.folder, 'somebody-elses.txt'), 'kept');
    resetSpeaker(place);
    expect(readdirSync(place.folder)).toEqual(['somebody-elses.txt']);
    expect(existsSync(place.tracePath)).toBe(false);
    expect(await keyOf()).not.toEqual(before);
  });

  it('is not begun by itself', async () => {
    const before = await liveIn();
    expect(finishReset(place)).toBe(false);
    expect(await keyOf()).toEqual(before);
  });

  it('goes on where it was killed, at every step, also when it is killed again', async () => {
    for (let first = 0, wasKilled = true; wasKilled; first += 1) {
      for (const second of [0, 3, 100]) {
        const before = await liveIn();
        wasKilled = resetKilledAt(first, resetSpeaker);
        if (first === 0) {
          expect(finishReset(place)).toBe(false);
          expect(await keyOf()).toEqual(before);
          continue;
        }
        resetKilledAt(second, finishReset);
        finishReset(place);
        expect(readdirSync(place.folder)).toEqual([]);
        expect(existsSync(place.tracePath)).toBe(false);
        expect(await keyOf()).not.toEqual(before);
      }
    }
  });

  it('has removed the key before anything else', async () => {
    await liveIn();
    resetKilledAt(2, resetSpeaker);
    expect(existsSync(join(place.folder, 'identity.key'))).toBe(false);
    expect(existsSync(join(place.folder, 'ownership.json'))).toBe(true);
  });

  it('is harmless in a folder where nobody has lived', () => {
    resetSpeaker(place);
    expect(readdirSync(place.folder)).toEqual([]);
  });
});
