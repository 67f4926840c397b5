/**
 * The same listener with the music far away: 40 ms there and back, 4 Mbit/s. The bridge stays at home; the peers' files
 * are behind the same path. Play with nothing cached and with the head cached, skip, seek outside the buffer.
 */
import { otherSide } from '#sim/listening/sides';
import type { FarEdgeSettings } from '#sim/processes/far-edge/far-edge-settings';
import { RECORDING_RATE_HZ } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { type MeasuredPlayer, withPlayer } from './players.ts';
import { collect, collectRounds, type Heard, hearChange, quietMsAround, type Round } from './rounds.ts';
import type { RowContext } from './row.ts';

const RATE = RECORDING_RATE_HZ;
export const FAR: Partial<FarEdgeSettings> = { roundTripMs: 40, bytesPerSecond: 500_000 };
/** Until a minute of music has come through the path and its connections are at rest, kept alive. */
const REST_SECONDS = 3;
const REST_SMOKE_SECONDS = 1.5;
/** From the start of a track to a seek in it: what is sought has not come by then. */
const SEEK_AFTER_SECONDS = 1;
/** Where is sought, as a part of the track. */
const SEEK_TO = 0.92;
/** Away from where two segments meet, which one seek in twelve comes near to and then needs both. */
const SEEK_WITHIN_SEGMENT_SECONDS = 0.5;

const FEWER_ROUNDS = 3;

/** A way of measuring one player; the same for all. */
type Measure<Value = number[]> = (row: RowContext, start: () => Promise<MeasuredPlayer>) => Promise<Value>;

export async function measureFarPlay(row: RowContext): Promise<readonly Figure[]> {
  const { ours, mpd, mpv } = await throughTheFarPath(row, playNothingCached);
  const cached = await oursThroughTheFarPath(row, playHeadCached);
  const allFar = await oursThroughTheFarPath(fewer(row), playNothingCached, { ...FAR, scope: 'all' });
  tell(row, 'play', { 'head cached': cached, 'bridge far too': allFar });
  return [
    figureOf('play through 40 ms and 4 Mbit/s, head cached → first sample', cached, { must: 20, reach: 12 }),
    figureOf('play through 40 ms and 4 Mbit/s, nothing cached → first sample', ours, { must: 90, reach: 60 }, { mpd }),
    figureOf('the same beside mpv', ours, {}, { mpv }),
    figureOf('the same with the bridge behind that path too', allFar, {}),
  ];
}

export async function measureFarSkip(row: RowContext): Promise<readonly Figure[]> {
  const skips = await oursThroughTheFarPath(row, skipOn);
  const ours = skips.map(({ value }) => value);
  const quiet = skips.map(({ quietMs }) => quietMs);
  const files = await row.stage.wayToFiles(FAR);
  try {
    const mpd = (await skipOn(row, () => row.stage.startMpd(files.url))).map(({ value }) => value);
    const mpv = (await skipOn(fewer(row), () => row.stage.startMpv(files.url))).map(({ value }) => value);
    tell(row, 'skip', { ours, mpd, mpv });
    return [
      figureOf(
        'skip to the next track through 40 ms and 4 Mbit/s → its first sample',
        ours,
        { must: 20, reach: 12 },
        { mpd },
      ),
      figureOf('the same beside mpv', ours, {}, { mpv }),
      figureOf('skip to the next track: silence heard', quiet, { must: 15, reach: 0 }),
    ];
  } finally {
    await files.stop();
  }
}

export async function measureFarSeek(row: RowContext): Promise<readonly Figure[]> {
  const ours = await oursThroughTheFarPath(row, seekOutside);
  const files = await row.stage.wayToFiles(FAR);
  try {
    const mpv = await seekOutside(fewer(row), () => row.stage.startMpv(files.url));
    tell(row, 'seek', { ours, mpv });
    const key = 'seek outside the buffer through 40 ms and 4 Mbit/s → first sample';
    return [figureOf(key, ours, { must: 120, reach: 70 }, { mpv })];
  } finally {
    await files.stop();
  }
}

function restFrames({ isSmoke }: RowContext): number {
  return (isSmoke ? REST_SMOKE_SECONDS : REST_SECONDS) * RATE;
}

/** Each track alone, from a paused player; the first opens the device and the connections. */
const playNothingCached: Measure = (row, start) =>
  withPlayer(row.stage.pulse, start, async (player, recorder) => {
    const play = async (track: number) => {
      const heard = await hearChange(recorder, { side: null, act: () => player.play([track]) });
      await player.pause();
      await recorder.waitFrames(restFrames(row));
      return tookOf(heard);
    };
    await play(0);
    return await collect(row.rounds, row.voids, (round) => play(1 + (round % (row.stage.tracks.length - 1))));
  });

/** What was next in the queue is played by itself, so that its head is held and no more of it. */
const playHeadCached: Measure = (row, start) =>
  withPlayer(row.stage.pulse, start, async (player, recorder) => {
    const count = row.stage.tracks.length;
    const playWithNext = async (track: number) => {
      const heard = await hearChange(recorder, {
        side: null,
        act: () => player.play([track % count, (track + 1) % count]),
      });
      await recorder.waitFrames(restFrames(row));
      await player.pause();
      await recorder.waitFrames(RATE / 2);
      return tookOf(heard);
    };
    await playWithNext(0);
    return await collect(row.rounds, row.voids, (round) => playWithNext(round + 1));
  });

interface Skip extends Round {
  readonly quietMs: number;
}

async function skipOn(row: RowContext, start: () => Promise<MeasuredPlayer>): Promise<readonly Skip[]> {
  const { tracks, pulse } = row.stage;
  return await withPlayer(pulse, start, async (player, recorder) => {
    const queue = tracks.map((_, index) => index);
    await hearChange(recorder, { side: null, act: () => player.play(queue) });
    return await collectRounds(row.rounds, row.voids, async (round) => {
      await recorder.waitFrames(restFrames(row));
      const side = tracks[queue[round + 1] ?? 0]?.side ?? null;
      const heard = await hearChange(recorder, { side, act: () => player.next() });
      return { ...tookOf(heard), quietMs: quietMsAround(heard) };
    });
  });
}

const seekOutside: Measure = (row, start) =>
  withPlayer(row.stage.pulse, start, async (player, recorder) => {
    const { tracks } = row.stage;
    const seek = async (index: number) => {
      await hearChange(recorder, { side: null, act: () => player.play([index]) });
      await recorder.waitFrames(SEEK_AFTER_SECONDS * RATE);
      const track = tracks[index];
      if (track === undefined) throw new RangeError(`there is no track ${index}`);
      const heard = await hearChange(recorder, {
        side: otherSide(track.side),
        act: () => player.seek(Math.floor(track.seconds * SEEK_TO) + SEEK_WITHIN_SEGMENT_SECONDS),
      });
      await player.pause();
      await recorder.waitFrames(restFrames(row));
      return tookOf(heard);
    };
    return await collect(row.rounds, row.voids, (round) => seek(round % tracks.length));
  });

/** For what no bar is set by. */
function fewer(row: RowContext): RowContext {
  return { ...row, rounds: Math.min(FEWER_ROUNDS, row.rounds) };
}

function tookOf(heard: Heard): Round {
  return { value: heard.tookMs, stretch: heard.stretch };
}

async function throughTheFarPath(
  row: RowContext,
  measure: Measure,
): Promise<{ readonly ours: number[]; readonly mpd: number[]; readonly mpv: number[] }> {
  const ours = await oursThroughTheFarPath(row, measure);
  const files = await row.stage.wayToFiles(FAR);
  try {
    const mpd = await measure(row, () => row.stage.startMpd(files.url));
    const mpv = await measure(fewer(row), () => row.stage.startMpv(files.url));
    tell(row, 'play', { ours, mpd, mpv });
    return { ours, mpd, mpv };
  } finally {
    await files.stop();
  }
}

async function oursThroughTheFarPath<Value>(
  row: RowContext,
  measure: Measure<Value>,
  path: Partial<FarEdgeSettings> = FAR,
): Promise<Value> {
  const way = await row.stage.wayToBridge(path);
  try {
    return await measure(row, async () => (await row.stage.startOurs({ bridgePort: way.port })).player);
  } finally {
    await way.stop();
  }
}

function tell(row: RowContext, what: string, values: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, of] of Object.entries(values)) {
    row.say(`${what} through the far path, ${name}: ${of.map((value) => value.toFixed(1)).join(' ')} ms`);
  }
}

function figureOf(
  key: string,
  values: readonly number[],
  bars: { readonly must?: number; readonly reach?: number },
  peers: Readonly<Record<string, readonly number[]>> = {},
): Figure {
  const [peer] = Object.entries(peers);
  const beside = peer === undefined ? {} : { peer: { name: peer[0], values: peer[1] } };
  return createFigure({ key, unit: 'ms', values, ...bars, ...beside, better: 'lower' });
}
