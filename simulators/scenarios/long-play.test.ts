/**
 * A share of a thousand hours: each run of the tests takes other seeds (by the day), so that over time all are played.
 * `TONEARM_LONG_PLAY_HOURS=1000` plays them all; `TONEARM_SEED` one of them, for its whole length.
 */
import { describe, expect, it } from 'vitest';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';
import { LongPlay } from './long-play.ts';
import { forSeeds } from './with-seeds.ts';

const HOURS_VARIABLE = 'TONEARM_LONG_PLAY_HOURS';
/** What fits into half a minute beside the other tests. */
const HOURS_DEFAULT = 2;
const SEEDS_ALL = 200;
/** A thousand hours are five for each of two hundred seeds. */
const HOURS_EACH = 5;
/** A share is spread over more seeds: each has a link, a loudspeaker and a temper of its own. */
const HOURS_EACH_OF_SHARE = 0.5;
const MS_PER_DAY = 86_400_000;
/** An hour takes ten to thirty seconds. */
const TIMEOUT_MS_PER_HOUR = 60_000;
/** Of all time, music is heard at least so much: people pause, and links are broken. */
const HEARD_SHARE_LEAST = 0.2;

const hours = Number(process.env[HOURS_VARIABLE] ?? HOURS_DEFAULT);
const hoursEach = hours >= SEEDS_ALL * HOURS_EACH ? HOURS_EACH : HOURS_EACH_OF_SHARE;
const count = Math.max(1, Math.min(SEEDS_ALL, Math.round(hours / hoursEach)));

describe('the long play', () => {
  it(`${count} × ${hoursEach} h of random commands and faults`, {
    timeout: 60_000 + hours * TIMEOUT_MS_PER_HOUR,
  }, async () => {
    // The share moves on by itself from day to day.
    const from = count >= SEEDS_ALL ? 0 : Math.floor(Date.now() / MS_PER_DAY) * count;
    const all = { hours: 0, frames: 0, commands: 0, faults: 0 };
    await forSeeds(
      async (_, seed) => {
        const { certainFrames, commands, faults } = await new LongPlay(seed).run(hoursEach);
        all.hours += hoursEach;
        all.frames += certainFrames;
        all.commands += commands;
        all.faults += faults;
      },
      { seeds: count, from: (from % SEEDS_ALL) + 1 },
    );
    const heardHours = all.frames / FRAMES_PER_SECOND / 3_600;
    expect(heardHours / all.hours, 'share of the time in which music was heard').toBeGreaterThan(HEARD_SHARE_LEAST);
    expect(all.commands, 'commands').toBeGreaterThan(100 * all.hours);
    expect(all.faults, 'faults').toBeGreaterThan(10 * all.hours);
  });
});
