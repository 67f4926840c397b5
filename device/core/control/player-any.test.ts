/** Any player, told anything in any order: it keeps its promises. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionOf } from '#device/core/control/player-state';
import type { EngineEvent } from '#device/core/ports/audio-engine';
import { trackId } from '#protocol/vocabulary/ids';
import { frames, ms, msToFrames, percent, us } from '#protocol/vocabulary/units';
import type { CommandBody } from '#protocol/wire/command';
import { sessionStateSchema } from '#protocol/wire/playback-state';
import {
  PlayerBench as Bench,
  BENCH_ERROR as ERROR,
  BENCH_TRACK_FRAMES as MINUTE,
  BENCH_PLAY as PLAY,
  BENCH_TRACKS as TRACKS,
} from '#sim/speakers/player-bench';

const X = trackId('x'.repeat(22));

const anyTrack = fc.constantFrom(...TRACKS, X);
const anyQueueRecord = fc.record({
  contextUri: fc.constant(null),
  trackIds: fc.array(anyTrack, { maxLength: 4 }),
  index: fc.nat(4),
  upNext: fc.array(anyTrack, { maxLength: 2 }),
  interlude: fc.option(anyTrack),
});
const anyBody: fc.Arbitrary<CommandBody> = fc.oneof(
  fc.record({ index: fc.nat(3), positionMs: fc.nat(90_000).map(ms) }).map((part) => ({ ...PLAY, ...part })),
  fc.constantFrom('resume', 'pause', 'next', 'previous', 'release').map((kind) => ({ kind })),
  fc.nat(90_000).map((position) => ({ kind: 'seek' as const, positionMs: ms(position) })),
  fc.nat(100).map((volume) => ({ kind: 'setVolume' as const, volume: percent(volume) })),
  fc.boolean().map((isOn) => ({ kind: 'setShuffle' as const, isOn })),
  fc.constantFrom('off', 'context', 'track').map((mode) => ({ kind: 'setRepeat' as const, mode })),
  anyTrack.map((track) => ({ kind: 'enqueue' as const, trackId: track })),
  fc.record({ queue: anyQueueRecord, position: fc.nat(99) }).map(({ queue, position }) => ({
    kind: 'prepare' as const,
    session: {
      playback: { kind: 'stopped' as const },
      queue,
      shuffleSeed: null,
      repeat: 'off' as const,
      problem: null,
    },
    positionFrames: frames(position),
  })),
  fc.boolean().map((isPlaying) => ({ kind: 'commit' as const, positionFrames: frames(7), isPlaying })),
);
/** Events that an engine may send at any moment, right or out of place; `lag` is how many generations they are late. */
const anyEvent = fc
  .record({
    kind: fc.constantFrom('ready', 'position', 'advanced', 'ended', 'starved', 'failed', 'nextFailed'),
    lag: fc.constantFrom(0, 0, 0, 1),
    track: anyTrack,
    position: fc.nat(60_000),
    isSounding: fc.boolean(),
  })
  .map(
    ({ kind, lag, track, position, isSounding }) =>
      (generation: number, nowUs: number): EngineEvent => ({
        kind,
        generation: Math.max(0, generation - lag),
        trackId: track,
        durationFrames: MINUTE,
        positionFrames: msToFrames(ms(position)),
        atUs: us(nowUs),
        isSounding,
        error: ERROR,
      }),
  );

type Step =
  | { body: CommandBody }
  | { event: (generation: number, nowUs: number) => EngineEvent }
  | { other: 'timer' | 'fence' };
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: anyBody.map((body) => ({ body })) },
  { weight: 8, arbitrary: anyEvent.map((event) => ({ event })) },
  { weight: 1, arbitrary: fc.constantFrom('timer' as const, 'fence' as const).map((other) => ({ other })) },
);

describe('any player', () => {
  it('answers every command once, counts generations up, and says only what the contract allows', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const bench = new Bench();
        const open = new Set<string>();
        let newest = 0;
        steps.forEach((step, index) => {
          bench.nowMs += 100;
          if ('body' in step) {
            open.add(`command-${[...steps.slice(0, index + 1)].filter((it) => 'body' in it).length}`);
            bench.command(step.body);
          } else if ('event' in step) bench.event(step.event(bench.state.generation, bench.nowMs * 1_000));
          else bench.input({ kind: step.other === 'fence' ? 'fenced' : 'modeTimerFired', nowUs: us(0) });
          for (const effect of bench.effects) {
            if (effect.kind === 'answer') expect(open.delete(effect.id)).toBe(true);
            if (effect.kind !== 'tellEngine') continue;
            if (effect.intent.kind === 'load' || effect.intent.kind === 'seek') {
              expect(effect.intent.generation).toBeGreaterThan(newest);
              newest = effect.intent.generation;
            }
            if (effect.intent.kind === 'setNext') expect(effect.intent.generation).toBe(newest);
          }
          const session = sessionOf(bench.state);
          if (session !== null) expect(sessionStateSchema.safeParse(session).success).toBe(true);
        });
        // What is still open is one preparation; being fenced ends it.
        bench.input({ kind: 'fenced', nowUs: us(0) });
        for (const effect of bench.effects) if (effect.kind === 'answer') open.delete(effect.id);
        expect([...open]).toEqual([]);
      }),
    );
  });
});
