/**
 * A property of the whole speaker: whatever people press and whenever, when they stop pressing, what the bridge believes
 * and what is heard are the same, and nothing is left running.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDevice, type Device } from '#device/core/device';
import { silentLogger } from '#protocol/kit/silent-logger';
import { trackId } from '#protocol/vocabulary/ids';
import { FRAMES_PER_SECOND, type Frames, ms, msToFrames } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { VirtualNetworkWatch } from '#sim/network/virtual-network-watch';
import { createVirtualNetwork } from '#sim/network/virtual-transport';
import { createMemorySettingsStore } from '#sim/speakers/memory-settings-store';
import { ScriptedBridge } from '#sim/speakers/scripted-bridge';
import { VirtualAudioEngine } from '#sim/speakers/virtual-audio-engine';
import { createPlaybackDisk, createVirtualPlaybackMemory } from '#sim/speakers/virtual-playback-memory';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';

const ADDRESS = 'ws://bridge:4747';
/** Short ones, so that presses fall on the joins; the last is not there. */
const LENGTHS_MS = [400, 1_000, 3_000, 20_000, null] as const;
const TRACKS = LENGTHS_MS.map((_, index) => trackId(String(index).padStart(22, 't')));
const SETTLED_WITHIN = ms(1_500);
/** A report is held back by 100 ms at most; then worker and network. */
const NEWS_WITHIN = ms(200);
/** Latency of the network, of the worker, and the tolerance of the report. */
const POSITION_TOLERANCE_FRAMES = 0.25 * FRAMES_PER_SECOND;

function lengthOf(id: string): Frames | null {
  const length = LENGTHS_MS[TRACKS.findIndex((track) => String(track) === id)];
  return length === undefined || length === null ? null : msToFrames(ms(length));
}

const anyTracks = fc.array(fc.constantFrom(...TRACKS), { minLength: 1, maxLength: 6 });
const anyPress: fc.Arbitrary<CommandBody> = fc.oneof(
  anyTracks.map((trackIds) => ({ kind: 'play' as const, contextUri: null, trackIds, index: 0, positionMs: ms(0) })),
  fc.constantFrom('resume', 'pause', 'next', 'next', 'previous').map((kind) => ({ kind })),
  fc.nat(4_000).map((position) => ({ kind: 'seek' as const, positionMs: ms(position) })),
  fc.boolean().map((isOn) => ({ kind: 'setShuffle' as const, isOn })),
  fc.constantFrom('off', 'context', 'track').map((mode) => ({ kind: 'setRepeat' as const, mode })),
  fc.constantFrom(...TRACKS).map((track) => ({ kind: 'enqueue' as const, trackId: track })),
);
const anyFault = fc.constantFrom('breakLinks', 'starve', 'feed');
const anyEvening = fc.array(
  fc.record({
    after: fc.nat(1_200),
    press: fc.oneof({ weight: 9, arbitrary: anyPress }, { weight: 1, arbitrary: anyFault }),
  }),
  { minLength: 1, maxLength: 40 },
);

async function live(evening: Evening, seed: number): Promise<void> {
  const clock = new VirtualClock();
  const links = createVirtualNetwork(clock, new SeededRandom(seed));
  const bridge = new ScriptedBridge(clock);
  bridge.welcome = { ...bridge.welcome, role: 'active' };
  links.listen(ADDRESS, bridge.accept);
  const engine = new VirtualAudioEngine(clock, { durations: lengthOf, readyAfter: ms(30), intentDelay: ms(5) });
  const random = new SeededRandom(seed + 1);
  const settings = createMemorySettingsStore(clock, { written: null });
  const memory = createVirtualPlaybackMemory(clock, createPlaybackDisk());
  const dialer = links.dialerAt('speaker');
  const network = new VirtualNetworkWatch();
  const device = createDevice(
    { clock, random, logger: silentLogger, dialer, discovery: null, network, engine, settings, memory },
    { name: 'Kitchen', model: 'test', version: '1', bridgeAddress: ADDRESS, lanPort: 80, output: 'virtual' },
  );
  const started = device.start();
  await clock.advance(ms(500));
  await started;
  const asked: string[] = [];
  for (const { after, press } of evening) {
    await clock.advance(ms(after));
    if (typeof press !== 'string') asked.push(bridge.command(press));
    else if (press === 'breakLinks') links.breakLinks('speaker');
    else if (press === 'starve') engine.starve();
    else engine.feed();
  }
  engine.feed();
  await clock.advance(SETTLED_WITHIN);
  // A track may end at the very moment of the question; agreement then takes as long as the news.
  await clock.runUntil(() => isAgreed(device, bridge, engine), NEWS_WITHIN);
  expectAgreement(device, bridge, engine);
  const stopped = device.stop();
  await clock.advance(ms(2_000));
  await stopped;
  expect(clock.timers()).toEqual([]);
  for (const id of asked) expect(bridge.answers(id).length).toBeLessThanOrEqual(1);
}

type Evening = readonly { readonly after: number; readonly press: CommandBody | string }[];

function isAgreed(device: Device, bridge: ScriptedBridge, engine: VirtualAudioEngine): boolean {
  try {
    expectAgreement(device, bridge, engine);
    return true;
  } catch {
    return false;
  }
}

function expectAgreement(device: Device, bridge: ScriptedBridge, engine: VirtualAudioEngine): void {
  const own = device.view().session;
  const heard = engine.position();
  const believed = bridge.state?.session ?? null;
  expect(believed?.queue).toEqual(own?.queue);
  if (believed === null || believed.playback.kind === 'stopped') {
    expect(heard).toBeNull();
    return;
  }
  expect(believed.playback.trackId).toBe(heard?.trackId);
  expect(believed.playback.kind === 'playing').toBe(engine.isSounding());
  if (believed.playback.kind === 'paused') {
    expect(Math.abs(believed.playback.positionFrames - (heard?.positionFrames ?? 0))).toBeLessThanOrEqual(1);
  }
  const playback = own?.playback;
  if (playback?.kind !== 'playing') return;
  // Its own last fact is at most a second old; the engine is ahead by no more than that.
  const ahead = (heard?.positionFrames ?? 0) - playback.positionFrames;
  expect(ahead).toBeGreaterThanOrEqual(-POSITION_TOLERANCE_FRAMES);
  expect(ahead).toBeLessThanOrEqual(FRAMES_PER_SECOND + POSITION_TOLERANCE_FRAMES);
}

describe('any evening', () => {
  it('ends with bridge, speaker and ear in agreement', async () => {
    await fc.assert(
      fc.asyncProperty(anyEvening, fc.nat(1_000), (evening, seed) => live(evening, seed)),
      { numRuns: 200 },
    );
  });
});
