/** A recording from the field, played to today's bridge: what it decides is what is written here. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRecording } from '#sim/replay/read-recording';
import { replay } from '#sim/replay/replay';

const RECORDING = join(import.meta.dirname, 'recordings', 'bridge-back.flight.jsonl');

it('bridge back: a recorded bridge decides as it should', async () => {
  const outcome = await replay(await readRecording(RECORDING));
  expect(outcome.problems).toEqual([]);
  expect(outcome.divergences).toEqual([]);
  expect(outcome.now.map(({ words }) => words)).toEqual([
    'welcomes speaker 1 as active in epoch 1',
    'tells speaker 1 to next in epoch 1',
    'answers next: done',
    'tells speaker 1 to pause in epoch 1',
    'answers pause: done',
  ]);
});
