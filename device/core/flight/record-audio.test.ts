import { describe, expect, it } from 'vitest';
import type { ChunkSource, FetchWatcher, PendingFetch } from '#device/core/ports/chunk-source';
import type { FlightEvent } from '#protocol/kit/flight-recorder';
import { TonearmError } from '#protocol/vocabulary/errors';
import { fileId, trackId } from '#protocol/vocabulary/ids';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { bytes, hz, ms } from '#protocol/vocabulary/units';
import { flightEntrySchema } from '#protocol/wire/flight-record';
import { parseValue } from '#protocol/wire/schema';
import { CapturedSink } from '#sim/speakers/captured-sink';
import { VirtualClock } from '#sim/world/virtual-clock';
import { recordChunks, recordManifests, recordSink } from './record-audio.ts';

const FILE = fileId('ab'.repeat(32));
const REQUEST = { edgeUrl: 'http://attic', token: 'a-secret', fileId: FILE };
const RANGE = { ...REQUEST, range: { offset: bytes(10), length: bytes(30) } };

/** All that was noted, each in the form of the record. */
function createNotes() {
  const noted: FlightEvent[] = [];
  const note = (port: 'fetch' | 'sink', event: FlightEvent): void => {
    const parsed = parseValue(flightEntrySchema, { t: 0, port, event }, 'a note');
    if (!parsed.ok) throw parsed.error;
    noted.push(event);
  };
  return { noted, note };
}

/** Answers in half a second, the first 20 bytes after 200 ms. */
function createSource(clock: VirtualClock, answer: Result<Uint8Array, TonearmError>): ChunkSource {
  const fetch = (watcher?: FetchWatcher): PendingFetch<Uint8Array> => {
    clock.setTimer('first', ms(200), () => watcher?.arrived(new Uint8Array(20)));
    const outcome = new Promise<Result<Uint8Array, TonearmError>>((resolve) => {
      clock.setTimer('whole', ms(500), () => resolve(answer));
    });
    return { outcome, cancel: () => undefined };
  };
  return { fetchRange: (_request, watcher) => fetch(watcher), fetchHead: (_request, watcher) => fetch(watcher) };
}

describe('the recorded audio plane', () => {
  it('notes how a fetch was answered and when, and neither bytes nor token', async () => {
    const clock = new VirtualClock();
    const { noted, note } = createNotes();
    const failure = refused(new TonearmError('fetch.timed-out', 'too late'));
    const arrived: number[] = [];
    const good = recordChunks(createSource(clock, ok(new Uint8Array(30))), clock, note);
    const bad = recordChunks(createSource(clock, failure), clock, note);
    const pending = good.fetchRange(RANGE, { arrived: (piece) => arrived.push(piece.length) });
    const head = bad.fetchHead({ ...REQUEST, length: bytes(40) });
    await clock.advance(ms(600));
    expect((await pending.outcome).ok).toBe(true);
    expect((await head.outcome).ok).toBe(false);
    expect(arrived).toEqual([20]);
    const how = { edge: 'http://attic', file: FILE, tookUs: 500_000, firstAfterUs: 200_000, arrivedBytes: 20 };
    expect(noted).toEqual([
      { kind: 'range', offset: 10, length: 30, code: null, ...how },
      { kind: 'head', length: 40, code: 'fetch.timed-out', ...how },
    ]);
    expect(JSON.stringify(noted)).not.toContain('a-secret');
  });

  it('notes how manifests were had', async () => {
    const { noted, note } = createNotes();
    const gone = refused(new TonearmError('catalogue.not-found', 'no such track'));
    const source = { fetchManifest: () => ({ outcome: Promise.resolve(gone), cancel: () => undefined }) };
    const id = trackId('0'.repeat(22));
    await recordManifests(source, new VirtualClock(), note).fetchManifest(id).outcome;
    expect(noted).toMatchObject([{ kind: 'manifest', trackId: id, code: 'catalogue.not-found' }]);
  });

  it('notes what the loudspeaker grants and loses, and once a second how it does', async () => {
    const clock = new VirtualClock();
    const { noted, note } = createNotes();
    const inner = new CapturedSink(clock);
    const sink = recordSink(inner, clock, note);
    const lost: string[] = [];
    const request = { rate: hz(48_000), channels: 2, latency: ms(80), sampleBits: 16 } as const;
    const opening = sink.open(request, { lost: (error) => lost.push(error.code) });
    await clock.advance(ms(1_000));
    expect((await opening).ok).toBe(true);
    for (let count = 0; count < 25; count += 1) {
      sink.delay();
      await clock.advance(ms(100));
    }
    inner.lose();
    await clock.advance(ms(100));
    expect(noted.map(({ kind }) => kind)).toEqual(['opened', 'reported', 'reported', 'reported', 'lost']);
    expect(lost).toEqual(['sink.lost']);
  });
});
