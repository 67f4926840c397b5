import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bridgeId } from '#protocol/vocabulary/ids';
import { SeededRandom } from '#sim/world/seeded-random';
import { crowdIdentity } from './crowd-identity.ts';
import { CrowdState } from './crowd-state.ts';

const HOUSE = {
  householdId: 'household-1',
  bridgeId: bridgeId('bridge-of-this-house'),
  bridgePublicKey: new Uint8Array(32).fill(7),
  tlsPin: new Uint8Array(32).fill(9),
  addresses: ['wss://127.0.0.1:4748'],
  pairedAtMs: 1_700_000_000_000,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tonearm-state-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('what a crowd keeps', () => {
  it('is a secret of its own, for its owner alone, and the same again', async () => {
    const first = CrowdState.open(folder, new SeededRandom(1));
    const again = CrowdState.open(folder, new SeededRandom(2));
    expect(again.secret).toBe(first.secret);
    expect((await stat(join(folder, 'crowd.json'))).mode & 0o777).toBe(0o600);
    const elsewhere = crowdIdentity(0, 'another secret');
    expect(crowdIdentity(0, first.secret).id).toBe(crowdIdentity(0, again.secret).id);
    expect(crowdIdentity(0, first.secret).id).not.toBe(elsewhere.id);
  });

  it('knows whose its first speakers are', () => {
    const state = CrowdState.open(folder, new SeededRandom(1));
    expect([state.paired, state.houseOf(0)]).toEqual([0, null]);
    state.tookIn(HOUSE);
    state.tookIn(HOUSE);
    const again = CrowdState.open(folder, new SeededRandom(1));
    expect(again.paired).toBe(2);
    expect(again.houseOf(1)).toEqual(HOUSE);
    expect(again.houseOf(2)).toBeNull();
  });

  it('is refused when it is damaged, and left as it is', async () => {
    await writeFile(join(folder, 'crowd.json'), '{"format":"tonearm.crowd.1"');
    expect(() => CrowdState.open(folder, new SeededRandom(1))).toThrow(/--state/);
    expect(await readFile(join(folder, 'crowd.json'), 'utf8')).toBe('{"format":"tonearm.crowd.1"');
  });
});
