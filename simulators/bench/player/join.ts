/** Two halves of one piece as two tracks, one after the other: not a frame between them may be lost or heard twice. */
import { type KnownTrack, normalisedCorrelation, stretchOf, whatPlays } from '#sim/listening/where-is';
import { RECORDING_RATE_HZ, type Recording } from '#sim/processes/recorder';
import { createFigure, type Figure } from '../bench.ts';
import { createSegue } from './material.ts';
import { withPlayer } from './players.ts';
import { hearChange } from './rounds.ts';
import type { RowContext } from './row.ts';

const RATE = RECORDING_RATE_HZ;
/** Sought before the join. */
const BEFORE_SECONDS = 3;
const BEFORE_SMOKE_SECONDS = 2;
const WINDOW_FRAMES = RATE / 2;
/** A rising tone looks much like itself a period later, so that its place is looked for among some of them. */
const PERIODS_FRAMES = RATE / 150;
/** Beside the join. */
const BESIDE_FRAMES = RATE / 2;
/** A step is heard within this. */
const JOIN_FRAMES = (3 * RATE) / 1000;

export async function measureJoin(row: RowContext): Promise<readonly Figure[]> {
  const { stage } = row;
  const { samples, joinFrame } = createSegue();
  const piece = { name: 'the piece', samples };
  const lost: number[] = [];
  const steps: number[] = [];
  await withPlayer(
    stage.pulse,
    async () => (await stage.startOurs()).player,
    async (player, recorder) => {
      const before = row.isSmoke ? BEFORE_SMOKE_SECONDS : BEFORE_SECONDS;
      for (let round = 0; round < Math.min(3, row.rounds); round += 1) {
        const from = recorder.mark();
        await hearChange(recorder, { side: null, act: () => player.play(stage.segue) });
        await player.seek(Math.floor(joinFrame / RATE) - before);
        await recorder.waitFrames((before + 3) * RATE);
        const heard = recorder.stretch(from);
        const after = heard.frameCount - 1.2 * RATE;
        const late = placeAt(heard, after, piece);
        const joinAt = after - (late - joinFrame);
        const early = placeAt(heard, joinAt - BESIDE_FRAMES, piece);
        lost.push(Math.abs(late - early - (after - joinAt + BESIDE_FRAMES)));
        steps.push(stepAt(heard, samples, joinAt, joinFrame));
        await player.pause();
        await recorder.waitFrames(RATE / 2);
      }
    },
  );
  row.say(
    `join: ${lost.join(' ')} frames lost or repeated; error beside others' ${steps.map((it) => it.toFixed(2)).join(' ')}`,
  );
  return [
    createFigure({
      ...{ key: 'join of two segueing tracks: frames lost or repeated', unit: 'frames', values: lost },
      ...{ must: 0, reach: 0, better: 'lower' },
    }),
    createFigure({
      ...{ key: 'join: greatest error at it ÷ greatest error of the encoder beside it', unit: '×', values: steps },
      ...{ reach: 1, better: 'lower' },
    }),
  ];
}

/** The frame of the piece that is heard there. @throws when it is not the piece */
function placeAt(heard: Recording, at: number, piece: KnownTrack): number {
  const found = whatPlays(heard, at, WINDOW_FRAMES, [piece]);
  if (found.kind !== 'track') throw new Error(`${found.kind} is heard beside a join`);
  const window = stretchOf(heard, at, WINDOW_FRAMES);
  let best = { frame: found.frame, match: found.match };
  for (let frame = found.frame - PERIODS_FRAMES; frame <= found.frame + PERIODS_FRAMES; frame += 1) {
    const match = normalisedCorrelation(window, piece.samples, frame);
    if (match > best.match) best = { frame, match };
  }
  return best.frame;
}

/** What differs from the piece, at its loudness here: the most near the join over the most in the half seconds beside. */
function stepAt(heard: Recording, piece: Float32Array, joinAt: number, joinFrame: number): number {
  const count = 2 * BESIDE_FRAMES;
  const window = stretchOf(heard, joinAt - BESIDE_FRAMES, count);
  const source = piece.subarray(joinFrame - BESIDE_FRAMES, joinFrame + BESIDE_FRAMES);
  let [product, power] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    product += (window[i] ?? 0) * (source[i] ?? 0);
    power += (source[i] ?? 0) ** 2;
  }
  const gain = product / power;
  let [near, beside] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    const error = Math.abs((window[i] ?? 0) - gain * (source[i] ?? 0));
    if (Math.abs(i - BESIDE_FRAMES) <= JOIN_FRAMES) near = Math.max(near, error);
    else beside = Math.max(beside, error);
  }
  return near / beside;
}
