/**
 * Pause, resume and seek where nothing has to be fetched, beside MPD with the same files on its own disk; and on each
 * output that we have, since what can be taken back is the output's to say.
 */
import { lastLoudBefore, otherSide, type Side } from '#sim/listening/sides';
import { RECORDING_RATE_HZ, type Recorder } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { type MeasuredPlayer, withPlayer } from './players.ts';
import { collect, collectRounds, frameAt, hearChange, type Round, timeOf } from './rounds.ts';
import type { RowContext } from './row.ts';
import { OUR_OUTPUTS } from './stage.ts';

const RATE = RECORDING_RATE_HZ;
/** This far from the turn of a track's sides, and back again. */
const BESIDE_TURN_SECONDS = 5;
const PLAYED_FRAMES = RATE;
/** As long a silence is a pause. */
const SILENT_FRAMES = RATE / 2;
const SILENT_WITHIN_FRAMES = 5 * RATE;

interface Changes {
  readonly pause: number[];
  readonly resume: number[];
  readonly seek: number[];
}

export async function measureChanges(row: RowContext): Promise<readonly Figure[]> {
  const { stage } = row;
  const mpd = await measureOn(row, () => stage.startMpd(null));
  const figures: Figure[] = [];
  for (const [index, sink] of OUR_OUTPUTS.entries()) {
    const ours = await measureOn(row, async () => (await stage.startOurs({ output: sink })).player);
    const on = index === 0 ? '' : `, on ${sink}`;
    const keys = { seek: 'seek inside the buffer', pause: 'pause → silence', resume: 'resume → sound' } as const;
    for (const name of ['seek', 'pause', 'resume'] as const) {
      row.say(`${name} on ${sink}: ${ours[name].map((value) => value.toFixed(1)).join(' ')} ms`);
      row.say(`${name} by mpd: ${mpd[name].map((value) => value.toFixed(1)).join(' ')} ms`);
      figures.push(
        createFigure({
          ...{ key: `${keys[name]}${on}`, unit: 'ms', values: ours[name], better: 'lower' },
          ...{ peer: { name: 'mpd', values: mpd[name] }, must: 15, reach: { ratio: 1 } },
        }),
      );
    }
  }
  return figures;
}

function measureOn(row: RowContext, start: () => Promise<MeasuredPlayer>): Promise<Changes> {
  return withPlayer(row.stage.pulse, start, async (player, recorder) => {
    const [track] = row.stage.tracks;
    if (track === undefined) throw new RangeError('there is no track');
    const turn = track.seconds / 2;
    await hearChange(recorder, { side: null, act: () => player.play([0]) });
    await player.seek(turn - BESIDE_TURN_SECONDS);
    await recorder.waitFrames(2 * PLAYED_FRAMES);
    let side: Side = track.side;
    const seek = await collect(row.rounds, row.voids, async () => {
      side = otherSide(side);
      const to = side === track.side ? turn - BESIDE_TURN_SECONDS : turn + BESIDE_TURN_SECONDS;
      const { tookMs: value, stretch } = await hearChange(recorder, { side, act: () => player.seek(to) });
      return { value, stretch };
    });
    const pauses = await collectRounds(row.rounds, row.voids, async () => {
      await player.seek(1);
      await recorder.waitFrames(PLAYED_FRAMES);
      const paused = await hearSilence(recorder, () => player.pause());
      const resumed = await hearChange(recorder, { side: null, act: () => player.resume() });
      return { ...paused, resumeMs: resumed.tookMs };
    });
    return { seek, pause: pauses.map(({ value }) => value), resume: pauses.map(({ resumeMs }) => resumeMs) };
  });
}

/** From the asking to the last sample that is heard. */
async function hearSilence(recorder: Recorder, act: () => Promise<void>): Promise<Round> {
  const from = recorder.mark();
  await recorder.waitFrames(RATE / 2);
  const askedAtMs = performance.now();
  await act();
  for (let waited = 0; waited < SILENT_WITHIN_FRAMES; waited += RATE / 10) {
    await recorder.waitFrames(RATE / 10);
    const stretch = recorder.stretch(from);
    const last = lastLoudBefore(stretch, null, stretch.frameCount) ?? 0;
    if (stretch.frameCount - last < SILENT_FRAMES) continue;
    const end = Math.max(last, frameAt(stretch, askedAtMs));
    return { value: Math.max(0, timeOf(stretch, end) - askedAtMs), stretch };
  }
  throw new Error('a pause is not heard');
}
