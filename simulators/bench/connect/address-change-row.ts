/** A speaker's machine is given another address while it plays: how soon it is back at its bridge, and whether that is heard. */
import { MovingSpeaker, type Readdressed } from '#sim/processes/moving-speaker';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { missingForRooms } from '#sim/rooms/network-rooms';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const ROUNDS = 7;

export async function measureAddressChangeRow({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const missing = missingForPulseaudio() ?? missingForRooms();
  if (missing !== null) {
    say(`address-change is not measured: ${missing}`);
    return [];
  }
  const moving = await MovingSpeaker.open();
  const rounds: Readdressed[] = [];
  try {
    while (rounds.length < (isSmoke ? 1 : ROUNDS)) {
      const round = await moving.readdress();
      rounds.push(round);
      say(`another address: back after ${round.backAfterMs.toFixed(0)} ms, ${breaksIn(round)} breaks`);
    }
  } finally {
    await moving.close();
  }
  return [
    createFigure({
      ...{ key: 'address changed → speaker connected', unit: 'ms', better: 'lower', must: 2_000 },
      values: rounds.map(({ backAfterMs }) => backAfterMs),
    }),
    createFigure({
      ...{ key: 'address changed: breaks in the music', unit: 'count', better: 'lower', must: 0 },
      values: [rounds.reduce((total, round) => total + breaksIn(round), 0)],
    }),
  ];
}

function breaksIn({ heard }: Readdressed): number {
  return heard.quiets + heard.jumps + heard.foreign;
}
