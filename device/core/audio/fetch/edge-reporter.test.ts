import { describe, expect, it } from 'vitest';
import { silentLogger } from '#protocol/kit/silent-logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ms } from '#protocol/vocabulary/units';
import type { EdgeReport } from '#protocol/wire/edge-report';
import { EDGES_MAX } from '#protocol/wire/manifest';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { EDGES_KNOWN_MAX, EdgeBook } from './edge-book.ts';
import { EdgeReporter, REPORT_APART_MS, REPORT_EVERY_MS, REPORT_FAILURE_AFTER_MS } from './edge-reporter.ts';

const FAILURE = new TonearmError('fetch.unreachable', 'gone');

function room() {
  const clock = new VirtualClock();
  const book = new EdgeBook({ clock, random: new SeededRandom(1), logger: silentLogger });
  const told: EdgeReport['edges'][] = [];
  const reports = { reportEdges: (edges: EdgeReport['edges']) => told.push(edges) };
  const reporter = new EdgeReporter({ clock, logger: silentLogger, reports }, book);
  const answer = (url: string, firstByteMs: number) => {
    book.asked(url);
    book.answered(url, { firstByteMs: ms(firstByteMs), totalMs: ms(firstByteMs + 100), sizeBytes: 100_000 });
  };
  return { clock, book, told, reporter, answer };
}

describe('reports of edges', () => {
  it('are made once a minute while music is fetched, with medians and counts, and then no more', async () => {
    const { clock, book, told, answer } = room();
    for (const firstByteMs of [10, 500, 30]) answer('http://a', firstByteMs);
    answer('', 1);
    book.asked('http://b');
    await clock.advance(ms(REPORT_EVERY_MS - 1));
    expect(told).toEqual([]);
    await clock.advance(ms(1));
    expect(told).toEqual([
      [
        { url: 'http://a', requests: 3, failures: 0, firstByteMs: 30, bytesPerSecond: 1_000_000 },
        { url: 'http://b', requests: 1, failures: 0, firstByteMs: null, bytesPerSecond: null },
      ],
    ]);
    await clock.advance(ms(600_000));
    expect(told).toHaveLength(1);
    expect(clock.timers()).toEqual([]);
  });

  it('come soon after an edge has failed, but never in a row', async () => {
    const { clock, book, told } = room();
    book.asked('http://a');
    book.failed('http://a', FAILURE);
    await clock.advance(REPORT_FAILURE_AFTER_MS);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject([{ url: 'http://a', requests: 1, failures: 1 }]);
    for (const url of ['http://b', 'http://c', 'http://d']) {
      book.asked(url);
      book.failed(url, FAILURE);
      await clock.advance(ms(1_000));
    }
    expect(told).toHaveLength(1);
    await clock.advance(REPORT_APART_MS);
    expect(told).toHaveLength(2);
    expect(told[1]).toHaveLength(3);
  });

  it('are bounded, and what is known of edges with them', async () => {
    const { clock, book, told, answer } = room();
    for (let number = 0; number < 100; number += 1) answer(`http://${number}`, 1);
    await clock.advance(REPORT_EVERY_MS);
    expect(told[0]).toHaveLength(EDGES_MAX);
    expect(told[0]?.at(-1)?.url).toBe('http://99');
    expect(book.takeTallies().length).toBeLessThanOrEqual(EDGES_KNOWN_MAX);
  });

  it('are made at once when the music stops, and never after the end', async () => {
    const { clock, book, told, reporter, answer } = room();
    reporter.flush();
    expect(told).toEqual([]);
    answer('http://a', 5);
    reporter.flush();
    expect(told).toHaveLength(1);
    answer('http://a', 5);
    reporter.close();
    book.asked('http://a');
    await clock.advance(ms(200_000));
    expect(told).toHaveLength(1);
    expect(clock.timers()).toEqual([]);
  });
});
