/** A recording from the field, played to today's speaker: what it decides is what is written here. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRecording } from '#sim/replay/read-recording';
import { replay } from '#sim/replay/replay';

const RECORDING = join(import.meta.dirname, 'recordings', 'bridge-away.flight.jsonl');

it('bridge away: a recorded speaker decides as it should', async () => {
  const outcome = await replay(await readRecording(RECORDING));
  expect(outcome.problems).toEqual([]);
  expect(outcome.divergences).toEqual([]);
  expect(outcome.now.map(({ words }) => words)).toEqual([
    'sets its volume to 40',
    'dials its bridge',
    'says hello',
    'says that it plays for nobody',
    'says that its volume is 40',
    'says that it can be heard',
    'has its sound load track 1 to play',
    'has its sound go on with track 2',
    'says that it is playing track 1',
    'answers command 1: done',
    'answers command 2: done',
    'has its sound seek',
    'has its sound go on with track 2',
    'answers command 3: done',
    'sets its volume to 25',
    'says that its volume is 25',
    'answers command 4: done',
    'dials its bridge',
    'dials its bridge',
    'dials its bridge',
    'dials its bridge',
    'dials its bridge',
    'has its sound go on with track 1',
    'dials its bridge',
    'dials its bridge',
    'says hello, and that it plays',
    'says that it is playing track 2',
    'has its sound load track 1 to play',
    'has its sound go on with track 2',
    'says that it is playing track 1',
    'answers command 5: done',
    'has its sound pause',
    'says that it is paused track 1',
    'answers command 6: done',
  ]);
});
