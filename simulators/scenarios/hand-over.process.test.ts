/** The music moves between two real speakers while it plays: recorded, it is one piece of music. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForPulseaudio } from '#sim/processes/private-pulseaudio';
import { TwoRooms } from '#sim/processes/two-rooms';

/** What must hold on any machine; the bench says what is reached. */
const SILENCE_MAX_MS = 150;
const TOGETHER_MAX_MS = 50;
const OFF_MAX_MS = 50;

const missing = missingForPulseaudio();
if (missing !== null) console.warn(`hand-over is not run: ${missing}`);

describe.runIf(missing === null)('the music between two rooms', { timeout: 120_000 }, () => {
  let rooms: TwoRooms;

  beforeAll(async () => {
    rooms = await TwoRooms.open();
  }, 120_000);

  afterAll(() => rooms?.close());

  it.each(['there', 'back'])('goes %s with the same frames, no silence and hardly both at once', async () => {
    const moved = await rooms.move();
    expect(moved.silenceMs).toBeLessThanOrEqual(SILENCE_MAX_MS);
    expect(moved.overlapMs).toBeLessThanOrEqual(TOGETHER_MAX_MS);
    expect(Math.abs(moved.positionErrorMs)).toBeLessThanOrEqual(OFF_MAX_MS);
  });

  it('did so at an instant that both agreed on', () => {
    const { bridge } = rooms.house.house;
    expect(bridge.output().match(/hand-over\.met/g)).toHaveLength(2);
  });
});
