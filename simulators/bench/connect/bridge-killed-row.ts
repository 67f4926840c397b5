/** The bridge is killed and started again while music plays, over and over, with a phone that asks in that moment. */
import { KilledBridge, type KilledRound } from '#sim/processes/killed-bridge';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { SeededRandom } from '#sim/world/seeded-random';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const ROUNDS = 100;
const ROUNDS_SMOKE = 2;
const SEED = 17;
/** Rounds in which the machine stalled, so that a break says nothing of the bridge; more are taken as they are. */
const VOID_MAX = 10;
/** A fifth of what waits in the speaker's device: nothing that stood still for less could be heard. */
const STALL_MAX_MS = 100;

export async function measureBridgeKilledRow({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = missingForPulseaudio();
  if (missing !== null) {
    say(`bridge-killed is not measured: ${missing}`);
    return [];
  }
  const killed = await KilledBridge.open();
  const random = new SeededRandom(SEED);
  const rounds: KilledRound[] = [];
  let voids = 0;
  try {
    while (rounds.length < (isSmoke ? ROUNDS_SMOKE : ROUNDS)) {
      const round = await killed.round(random);
      const isVoid = breaksIn(round) > 0 && round.stallMs > STALL_MAX_MS && voids < VOID_MAX;
      if (isVoid) voids += 1;
      // What was asked for counts in any case.
      rounds.push(isVoid ? { ...round, heard: { ...round.heard, quiets: 0, jumps: 0, foreign: 0 } } : round);
      say(
        `killed ${rounds.length}: back after ${round.backAfterMs.toFixed(0)} ms, ${breaksIn(round)} breaks, ${round.lostCommands} lost, ${round.doubledCommands} doubled, stood still for ${round.stallMs.toFixed(0)} ms`,
      );
    }
  } finally {
    await killed.close();
  }
  const sum = (of: (round: KilledRound) => number): number => rounds.reduce((total, round) => total + of(round), 0);
  const count = (key: string, value: number): Figure =>
    createFigure({ key: `bridge killed: ${key}`, unit: 'count', values: [value], better: 'lower', must: 0 });
  return [
    count('breaks in the music', sum(breaksIn)),
    count(
      'commands lost',
      sum(({ lostCommands }) => lostCommands),
    ),
    count(
      'commands done twice',
      sum(({ doubledCommands }) => doubledCommands),
    ),
    createFigure({
      ...{ key: 'bridge killed → speaker connected', unit: 'ms', better: 'lower' },
      values: rounds.map(({ backAfterMs }) => backAfterMs),
    }),
    createFigure({
      ...{ key: 'bridge killed: rounds not judged by ear, machine stalled', unit: 'count', better: 'lower' },
      values: [voids],
    }),
  ];
}

function breaksIn({ heard }: KilledRound): number {
  return heard.quiets + heard.jumps + heard.foreign;
}
