import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trackId } from '#protocol/vocabulary/ids';
import { bytes, frames, ms, percent, us } from '#protocol/vocabulary/units';
import { bridgeMessageSchema } from './bridge-message.ts';
import type { Command } from './command.ts';
import { encodeMessage, MESSAGE_LENGTH_MAX, parseMessage } from './envelope.ts';
import { MANIFEST_BYTES_MAX, manifestSchema, SEGMENTS_MAX, segmentAssociatedData } from './manifest.ts';
import {
  applyStateDifference,
  changedFields,
  QUEUE_TRACKS_MAX,
  type SessionState,
  type StateDifference,
  type StateSnapshot,
  UP_NEXT_MAX,
} from './playback-state.ts';
import { speakerMessageSchema } from './speaker-message.ts';

const BASE62 = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
const aTrack = fc.string({ unit: fc.constantFrom(...BASE62), minLength: 22, maxLength: 22 }).map(trackId);
const someFrames = fc.maxSafeNat().map(frames);
const place = { trackId: aTrack, positionFrames: someFrames, durationFrames: someFrames };
const aProblem = fc.option(
  fc.record({ code: fc.constantFrom('sink.lost' as const, 'content.unreadable' as const), message: fc.string() }),
);
const aSession: fc.Arbitrary<SessionState> = fc.record({
  playback: fc.oneof(
    fc.record({ kind: fc.constant('stopped' as const) }),
    fc.record({ kind: fc.constantFrom('buffering' as const, 'playing' as const, 'paused' as const), ...place }),
  ),
  queue: fc.record({
    contextUri: fc.option(fc.string({ maxLength: 200 })),
    trackIds: fc.array(aTrack, { maxLength: 20 }),
    index: fc.nat(),
    upNext: fc.array(aTrack, { maxLength: 5 }),
    interlude: fc.option(aTrack),
  }),
  shuffleSeed: fc.option(fc.integer({ min: 0, max: 0xffffffff })),
  repeat: fc.constantFrom('off', 'context', 'track'),
  problem: fc.option(fc.record({ trackId: fc.option(aTrack), error: aProblem.filter((it) => it !== null) })),
});
const aSnapshot: fc.Arbitrary<StateSnapshot> = fc.record({
  kind: fc.constant('stateSnapshot' as const),
  epoch: fc.nat(),
  revision: fc.nat(),
  positionAgeUs: fc.integer().map(us),
  session: fc.option(aSession),
  speaker: fc.record({
    volume: fc.integer({ min: 0, max: 100 }).map(percent),
    output: fc.string({ maxLength: 120 }),
    outputProblem: aProblem,
    bufferedMs: fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => ms(value + 0)),
    underruns: fc.nat(),
    qualityKbps: fc.option(fc.nat({ max: 1_000 })),
  }),
});

/** What a speaker would send after `before` had become `after`. */
function differenceOf(before: StateSnapshot, after: StateSnapshot): StateDifference {
  const session =
    before.session === null || after.session === null ? undefined : changedFields(before.session, after.session);
  const speaker = changedFields(before.speaker, after.speaker);
  return {
    kind: 'stateDifference',
    epoch: after.epoch,
    revision: after.revision,
    positionAgeUs: after.positionAgeUs,
    baseRevision: before.revision,
    ...(session === undefined ? {} : { session }),
    ...(speaker === undefined ? {} : { speaker }),
  };
}

describe('messages', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(aSnapshot, (snapshot) => {
        expect(parseMessage(speakerMessageSchema, encodeMessage(snapshot), 'state')).toEqual({
          ok: true,
          value: snapshot,
        });
      }),
    );
    fc.assert(
      fc.property(aSession, someFrames, (session, positionFrames) => {
        const command = {
          kind: 'command',
          id: 'c_000001',
          epoch: 1,
          deadlineMs: 10,
          body: { kind: 'prepare', session, positionFrames },
        };
        expect(parseMessage(bridgeMessageSchema, encodeMessage(command), 'command')).toEqual({
          ok: true,
          value: command,
        });
      }),
    );
  });

  it('are refused, never half read, whatever text comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const result = parseMessage(speakerMessageSchema, text, 'message');
        expect(result.ok ? null : result.error.code).toBe('input.invalid');
      }),
    );
  });

  it('have a limit, which the largest that is allowed by its parts keeps', () => {
    const long = parseMessage(speakerMessageSchema, ' '.repeat(MESSAGE_LENGTH_MAX + 1), 'message');
    expect(long.ok ? null : long.error.code).toBe('input.too-large');
    const id = trackId('4uLU6hMCjMI75M1A2tKUQC');
    const position = { trackId: id, positionFrames: frames(2 ** 53 - 1), durationFrames: frames(2 ** 53 - 1) };
    const session: SessionState = {
      playback: { kind: 'buffering', ...position },
      queue: {
        contextUri: 'x'.repeat(200),
        trackIds: Array(QUEUE_TRACKS_MAX).fill(id),
        index: QUEUE_TRACKS_MAX,
        upNext: Array(UP_NEXT_MAX).fill(id),
        interlude: id,
      },
      shuffleSeed: 0xffffffff,
      repeat: 'context',
      problem: { trackId: id, error: { code: 'internal.bug', message: 'x'.repeat(1_000), field: 'x'.repeat(200) } },
    };
    const body = { kind: 'prepare', session, positionFrames: position.positionFrames } as const;
    const command = {
      kind: 'command',
      id: 'c'.repeat(64) as Command['id'],
      epoch: 2 ** 53 - 1,
      deadlineMs: ms(1e9),
      body,
    };
    expect(encodeMessage(command).length).toBeLessThan(MESSAGE_LENGTH_MAX);
    expect(parseMessage(bridgeMessageSchema, encodeMessage(command), 'command').ok).toBe(true);
  });

  it('never show what they were in the error', () => {
    const result = parseMessage(speakerMessageSchema, '{"kind":"hello","secret":"swordfish"', 'hello');
    expect(result.ok ? '' : result.error.message).not.toContain('swordfish');
  });
});

describe('state difference', () => {
  it('of two states, applied to the first, is the second', () => {
    fc.assert(
      fc.property(aSnapshot, aSnapshot, (before, other) => {
        const after = {
          ...other,
          epoch: before.epoch,
          session: before.session === null ? null : (other.session ?? before.session),
        };
        const difference = differenceOf(before, after);
        const sent = parseMessage(speakerMessageSchema, encodeMessage(difference), 'difference');
        expect(sent).toEqual({ ok: true, value: difference });
        expect(applyStateDifference(before, difference)).toEqual({ ok: true, value: after });
      }),
    );
  });

  it('holds the fields that differ, and nothing when none does', () => {
    const base = { volume: 3, list: [1, 2], deep: { x: 1 } };
    expect(changedFields(base, { volume: 3, list: [1, 2], deep: { x: 1 } })).toBeUndefined();
    expect(changedFields(base, { volume: 0, list: [2, 1], deep: { x: 1 } })).toEqual({ volume: 0, list: [2, 1] });
  });

  it('is refused when it does not follow, or changes a session where there is none', () => {
    fc.assert(
      fc.property(aSnapshot, aSession, (state, session) => {
        const next = differenceOf(state, { ...state, revision: state.revision + 1 });
        const codeOf = (difference: StateDifference, to = state) => {
          const result = applyStateDifference(to, difference);
          return result.ok ? 'applied' : `${result.error.code} ${result.error.field}`;
        };
        expect(codeOf(next)).toBe('applied');
        expect(codeOf({ ...next, baseRevision: state.revision + 1 })).toBe('input.out-of-order baseRevision');
        expect(codeOf({ ...next, epoch: state.epoch + 1 })).toBe('input.out-of-order baseRevision');
        expect(codeOf({ ...next, session }, { ...state, session: null })).toBe('input.out-of-order session');
      }),
    );
  });

  it('leaves the state that it is applied to alone', () => {
    fc.assert(
      fc.property(aSnapshot, aSnapshot, (before, other) => {
        const copy = structuredClone(before);
        applyStateDifference(before, differenceOf(before, { ...other, epoch: before.epoch, session: before.session }));
        expect(before).toEqual(copy);
      }),
    );
  });
});

describe('manifest', () => {
  it('of the longest track that is allowed keeps its limit', () => {
    const file = {
      fileId: 'ab'.repeat(32),
      codec: 'opus',
      bitrateKbps: 160,
      preSkipFrames: 312,
      segmentFrames: 48_000,
      segmentSizesBytes: Array(SEGMENTS_MAX).fill(bytes(20_116)),
      key: { kind: 'plain', base64: 'AAECAwQFBgcICQoLDA0ODw==' },
    };
    const manifest = {
      trackId: '4uLU6hMCjMI75M1A2tKUQC',
      durationFrames: SEGMENTS_MAX * 48_000,
      loudness: null,
      files: Array(4).fill(file),
      edges: [],
      token: 't',
      tokenExpiresAtMs: 0,
    };
    expect(JSON.stringify(manifest).length).toBeLessThan(MANIFEST_BYTES_MAX);
    expect(manifestSchema.safeParse(manifest).success).toBe(true);
  });

  it('binds a segment to its file, its place and the end', () => {
    const one = segmentAssociatedData('f', 1, false);
    expect(one).toBe('f\u00001\u00000');
    expect(new Set([one, segmentAssociatedData('f', 1, true), segmentAssociatedData('f', 10, false)]).size).toBe(3);
  });
});
