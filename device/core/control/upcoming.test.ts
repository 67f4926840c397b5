import { describe, expect, it } from 'vitest';
import { BENCH_TRACKS, PlayerBench } from '#sim/speakers/player-bench';
import { planUpcoming, planUpcomingChange, UPCOMING_TRACKS } from './upcoming.ts';

const [first, second, third] = BENCH_TRACKS;

describe('what is told to come', () => {
  it('is what as many skips would lead to, and changes with the queue alone', () => {
    const bench = new PlayerBench();
    expect(planUpcoming(bench.state)).toEqual([]);
    bench.playing();
    expect(planUpcoming(bench.state)).toEqual(BENCH_TRACKS.slice(1, 1 + UPCOMING_TRACKS));
    const before = bench.state;
    bench.sounding(first, 2_000);
    expect(planUpcomingChange(before, bench.state)).toBeNull();
    bench.command({ kind: 'next' });
    expect(planUpcomingChange(before, bench.state)).toEqual(BENCH_TRACKS.slice(2, 2 + UPCOMING_TRACKS));
  });

  it('puts first what people have put there, and never the current one', () => {
    const bench = new PlayerBench();
    bench.playing();
    bench.command({ kind: 'enqueue', trackId: third });
    expect(planUpcoming(bench.state).slice(0, 2)).toEqual([third, second]);
    bench.command({ kind: 'setRepeat', mode: 'track' });
    expect(planUpcoming(bench.state)).not.toContain(first);
  });

  it('is nothing at the end, and goes round where the context does', () => {
    const bench = new PlayerBench();
    bench.playing();
    for (let skip = 1; skip < BENCH_TRACKS.length; skip += 1) bench.command({ kind: 'next' });
    expect(planUpcoming(bench.state)).toEqual([]);
    bench.command({ kind: 'setRepeat', mode: 'context' });
    expect(planUpcoming(bench.state)[0]).toBe(first);
  });
});
