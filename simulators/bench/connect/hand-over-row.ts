/** The music moves between two real speakers while it plays, there and back, and both loudspeakers are recorded. */
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { type MovedMusic, TwoRooms } from '#sim/processes/two-rooms';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const ROUNDS = 9;
/** Rounds that may be thrown away because the machine stalled. */
const SPARE_ROUNDS_MAX = 3;
/** Between the halves of a recording. */
const JUMP_MAX_MS = 1;

export async function measureHandOverRow({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = missingForPulseaudio();
  if (missing !== null) {
    say(`hand-over is not measured: ${missing}`);
    return [];
  }
  const rooms = await TwoRooms.open();
  const moves: MovedMusic[] = [];
  try {
    // The first one warms up: code, caches, the clock's first bursts.
    await rooms.move();
    let spare = isSmoke ? 0 : SPARE_ROUNDS_MAX;
    while (moves.length < (isSmoke ? 1 : ROUNDS)) {
      const moved = await rooms.move();
      say(
        `moved: silent ${ms(moved.silenceMs)}, together ${ms(moved.overlapMs)}, off ${ms(moved.positionErrorMs)}, answered after ${ms(moved.answeredAfterMs)}`,
      );
      if (moved.jumpMs > JUMP_MAX_MS && spare > 0) spare -= 1;
      else moves.push(moved);
    }
  } finally {
    await rooms.close();
  }
  const figure = (key: string, of: (moved: MovedMusic) => number, bars: { must?: number; reach?: number }): Figure =>
    createFigure({ key: `hand-over: ${key}`, unit: 'ms', values: moves.map(of), better: 'lower', ...bars });
  return [
    figure('silence', ({ silenceMs }) => silenceMs, { must: 150, reach: 20 }),
    figure('both heard', ({ overlapMs }) => overlapMs, { must: 50, reach: 20 }),
    figure('off the place', ({ positionErrorMs }) => Math.abs(positionErrorMs), { must: 50, reach: 10 }),
    figure('phone is answered', ({ answeredAfterMs }) => answeredAfterMs, {}),
  ];
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
