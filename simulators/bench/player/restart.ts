/** The speaker is killed in the middle of a track and started again at once, as a supervisor does it. */
import { lastLoudBefore, onsetOn } from '#sim/listening/sides';
import { type KnownTrack, whatPlays } from '#sim/listening/where-is';
import { RECORDING_RATE_HZ, type RecordedStretch, type Recorder } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { withPlayer } from './players.ts';
import { collectRounds, hearChange, type Round, timeOf } from './rounds.ts';
import type { RowContext } from './row.ts';
import { knownTrack } from './stage.ts';

const RATE = RECORDING_RATE_HZ;
/** Into a track, so that there is a position to come back to, and time for it to be remembered. */
const PLAYED_FRAMES = 3 * RATE;
const GONE_WITHIN_MS = 5_000;
/** What never comes back counts as this, and nothing is told of its position. */
const NEVER_MS = 15_000;
/** So much silence is the kill's and not the music's. */
const SILENCE_FRAMES = RATE / 50;
const LISTEN_FRAMES = RATE / 10;
/** Fades hide what is nearer to a silence. */
const FADE_FRAMES = RATE / 50;

/** Its value is when sound was back, in ms after the kill. */
interface Return extends Round {
  /** Null: nothing came back. */
  readonly errorMs: number | null;
}

export async function measureRestart(row: RowContext): Promise<readonly Figure[]> {
  const returns = await collectRounds(row.rounds, row.voids, async (round) => {
    const found = await killAndHear(row, round % row.stage.tracks.length);
    row.say(`killed: back after ${found.value.toFixed(0)} ms, ${found.errorMs?.toFixed(1) ?? 'no sound'} ms off`);
    return found;
  });
  const values = returns.map(({ value }) => value);
  const errors = returns.map(({ errorMs }) => errorMs).filter((errorMs) => errorMs !== null);
  const back = createFigure({
    ...{ key: 'killed in mid-track and started again → sound', unit: 'ms', values, better: 'lower' },
    ...{ must: 1_000, reach: 250 },
  });
  if (errors.length === 0) return [back];
  return [
    back,
    createFigure({
      ...{ key: 'killed in mid-track: off the place where it broke off', unit: 'ms', values: errors, better: 'lower' },
      must: 50,
    }),
  ];
}

async function killAndHear({ stage }: RowContext, index: number): Promise<Return> {
  const track = knownTrack(stage, index);
  const started = await stage.startOurs();
  const { program } = started.speaker;
  return await withPlayer(
    stage.pulse,
    async () => started.player,
    async (player, recorder) => {
      await hearChange(recorder, { side: null, act: () => player.play([index]) });
      await recorder.waitFrames(PLAYED_FRAMES);
      const from = recorder.mark();
      const killedAtMs = performance.now();
      program.kill('SIGKILL');
      await program.waitForExit(GONE_WITHIN_MS);
      const again = stage.runOurs({ dataFolder: started.dataFolder });
      try {
        return await hearReturn(recorder, { from, killedAtMs, track });
      } finally {
        await again.stop();
      }
    },
  );
}

async function hearReturn(
  recorder: Recorder,
  facts: { readonly from: number; readonly killedAtMs: number; readonly track: KnownTrack },
): Promise<Return> {
  const { from, killedAtMs, track } = facts;
  const before = from - RATE;
  for (;;) {
    await recorder.waitFrames(LISTEN_FRAMES);
    const silence = silenceIn(recorder.stretch(from));
    if (silence?.to !== undefined) break;
    if (performance.now() - killedAtMs > NEVER_MS) {
      return { value: NEVER_MS, errorMs: null, stretch: recorder.stretch(from) };
    }
  }
  await recorder.waitFrames(RATE / 2);
  const stretch = recorder.stretch(before);
  const silence = silenceIn(stretch);
  if (silence?.to === undefined) throw new Error('a silence is not where it was');
  const value = timeOf(stretch, silence.to) - killedAtMs;
  const last = whatPlays(stretch, silence.from - LISTEN_FRAMES - FADE_FRAMES, LISTEN_FRAMES, [track]);
  const first = whatPlays(stretch, silence.to + FADE_FRAMES, LISTEN_FRAMES, [track]);
  if (last.kind !== 'track' || first.kind !== 'track') throw new Error(`heard ${last.kind}, then ${first.kind}`);
  const [left, came] = [last.frame + LISTEN_FRAMES + FADE_FRAMES, first.frame - FADE_FRAMES];
  return { value, errorMs: (Math.abs(came - left) * 1000) / RATE, stretch };
}

/** The first long silence; without an end while it lasts. */
function silenceIn(stretch: RecordedStretch): { readonly from: number; readonly to?: number } | null {
  let at = 0;
  for (;;) {
    const onset = onsetOn(stretch, null, at);
    if (onset === undefined) return { from: (lastLoudBefore(stretch, null, stretch.frameCount) ?? -1) + 1 };
    if (onset - at > SILENCE_FRAMES) return { from: at, to: onset };
    at = onset + 1;
    if (at >= stretch.frameCount) return null;
  }
}
