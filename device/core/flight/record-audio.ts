/**
 * The audio plane's outer ports with somebody who notes the shape of what comes by them: how a fetch was answered and how long
 * it took, what the loudspeaker granted and how it does. Not a byte of music, and of no block that is played.
 */
import type { AudioSink } from '#device/core/ports/audio-sink';
import type { ChunkSource, FetchWatcher, ManifestSource, PendingFetch } from '#device/core/ports/chunk-source';
import type { FlightEvent } from '#protocol/kit/flight-recorder';
import type { Clock } from '#protocol/ports/clock';

/** What is noted, by port. */
export type NoteAudio = (port: 'fetch' | 'sink', event: FlightEvent) => void;

type NowUs = Pick<Clock, 'nowUs'>;

/** @param note told once for each answer, when it has come */
export function recordChunks(source: ChunkSource, clock: NowUs, note: NoteAudio): ChunkSource {
  return {
    fetchRange: (request, watcher) => {
      const { edgeUrl, fileId, range } = request;
      const asked = { kind: 'range', edge: edgeUrl, file: fileId, offset: range.offset, length: range.length };
      return timed(clock, asked, note, (noted) => source.fetchRange(request, counted(watcher, noted)));
    },
    fetchHead: (request, watcher) => {
      const { edgeUrl, fileId, length } = request;
      const asked = { kind: 'head', edge: edgeUrl, file: fileId, length };
      return timed(clock, asked, note, (noted) => source.fetchHead(request, counted(watcher, noted)));
    },
  };
}

/** As `recordChunks`. What is remembered of an earlier answer came in when it was fetched. */
export function recordManifests(source: ManifestSource, clock: NowUs, note: NoteAudio): ManifestSource {
  const recall = source.recallManifest?.bind(source);
  return {
    fetchManifest: (trackId) => timed(clock, { kind: 'manifest', trackId }, note, () => source.fetchManifest(trackId)),
    ...(recall === undefined ? {} : { recallManifest: recall }),
  };
}

/** How much has come, also of an answer that did not come whole. */
interface Arrived {
  bytes: number;
  /** Of the first of them; null while nothing has come. */
  firstUs: number | null;
  readonly nowUs: () => number;
}

function counted(watcher: FetchWatcher | undefined, arrived: Arrived): FetchWatcher {
  return {
    arrived: (piece) => {
      arrived.firstUs ??= arrived.nowUs();
      arrived.bytes += piece.length;
      watcher?.arrived(piece);
    },
  };
}

function timed<Value>(
  clock: NowUs,
  asked: FlightEvent,
  note: NoteAudio,
  ask: (arrived: Arrived) => PendingFetch<Value>,
): PendingFetch<Value> {
  const askedUs = clock.nowUs();
  const arrived: Arrived = { bytes: 0, firstUs: null, nowUs: () => clock.nowUs() };
  const pending = ask(arrived);
  const outcome = pending.outcome.then((answer) => {
    const tookUs = Math.round(clock.nowUs() - askedUs);
    const firstAfterUs = arrived.firstUs === null ? null : Math.round(arrived.firstUs - askedUs);
    const code = answer.ok ? null : answer.error.code;
    note('fetch', { ...asked, tookUs, firstAfterUs, arrivedBytes: arrived.bytes, code });
    return answer;
  });
  return { outcome, cancel: () => pending.cancel() };
}

/** How often at most a loudspeaker's delay is noted; µs. */
const REPORTED_EVERY_US = 1_000_000;

/** @param note told of each opening and loss, and of delay and underruns once a second while somebody asks */
export function recordSink(sink: AudioSink, clock: NowUs, note: NoteAudio): AudioSink {
  let reportedUs = Number.NEGATIVE_INFINITY;
  return {
    get name() {
      return sink.name;
    },
    open: async (request, listener) => {
      const opened = await sink.open(request, {
        lost: (error) => {
          note('sink', { kind: 'lost', code: error.code });
          listener.lost(error);
        },
      });
      const { rate, bufferFrames, periodFrames, canRewind } = opened.ok ? opened.value : CLOSED;
      const code = opened.ok ? (opened.value.problem?.code ?? null) : opened.error.code;
      note('sink', { kind: 'opened', code, rate, bufferFrames, periodFrames, canRewind });
      return opened;
    },
    writableFrames: () => sink.writableFrames(),
    write: (samples, count) => sink.write(samples, count),
    delay: () => {
      const delay = sink.delay();
      const nowUs = clock.nowUs();
      if (nowUs - reportedUs >= REPORTED_EVERY_US) {
        reportedUs = nowUs;
        note('sink', { kind: 'reported', delayFrames: delay.delayFrames, underruns: sink.underruns() });
      }
      return delay;
    },
    rewind: (count) => sink.rewind(count),
    drop: () => sink.drop(),
    underruns: () => sink.underruns(),
    drain: () => sink.drain(),
    close: () => sink.close(),
  };
}

/** Of a device that was not opened. */
const CLOSED = { rate: null, bufferFrames: null, periodFrames: null, canRewind: false } as const;
