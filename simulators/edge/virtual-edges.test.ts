/** What comes of one question to a virtual edge, in each of its moods, and over each way to it. */
import { describe, expect, it } from 'vitest';
import { bytes, frames, ms } from '#protocol/vocabulary/units';
import { createTrace } from '#sim/network/trace';
import { createVirtualNetwork } from '#sim/network/virtual-transport';
import { createCodedTrack } from '#sim/speakers/coded-track';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import { VIRTUAL_EDGE_MOODS, VirtualEdges } from './virtual-edges.ts';

const TRACK = createCodedTrack(1, frames(480_000));
const LENGTH = 3_000;

function rig() {
  const clock = new VirtualClock();
  const network = createVirtualNetwork(clock, new SeededRandom(1), { latency: ms(5), jitter: ms(0) });
  const edges = new VirtualEdges(
    network,
    [TRACK],
    [
      { name: 'near', region: 0 },
      { name: 'far', region: 5 },
    ],
  );
  const ask = (edge: string, length = LENGTH) => {
    const seen = { result: 'open', pieces: 0, bytes: 0, tookMs: 0, isRight: false, cancel: () => {} };
    const fromUs = clock.nowUs();
    const source = edges.sourceAt({ clock, network }, 'speaker', 0);
    const pending = source.fetchRange(
      {
        edgeUrl: `http://${edge}.example`,
        token: 'anybody',
        fileId: TRACK.fileId,
        range: { offset: bytes(100), length: bytes(length) },
      },
      {
        arrived: (piece) => {
          seen.pieces += 1;
          seen.bytes += piece.length;
        },
      },
    );
    seen.cancel = () => pending.cancel();
    void pending.outcome.then((outcome) => {
      seen.result = outcome.ok ? 'answered' : outcome.error.code;
      seen.tookMs = (clock.nowUs() - fromUs) / 1_000;
      const right = TRACK.content().stored.slice(100, 100 + length);
      seen.isRight = outcome.ok && outcome.value.every((byte, place) => byte === right[place]);
    });
    return seen;
  };
  return { clock, network, edges, ask };
}

const EXPECTED: Readonly<Record<(typeof VIRTUAL_EDGE_MOODS)[number], string>> = {
  good: 'answered',
  dead: 'fetch.unreachable',
  silent: 'fetch.timed-out',
  trickling: 'open',
  stalling: 'fetch.timed-out',
  breaking: 'fetch.unreachable',
  lying: 'fetch.range-mismatch',
  portal: 'fetch.unexpected-answer',
  corrupt: 'answered',
  headless: 'answered',
  empty: 'content.not-found',
  shedding: 'content.overloaded',
  'refusing-tokens': 'content.token-refused',
  slow: 'answered',
};

describe('a virtual edge', () => {
  it.each(VIRTUAL_EDGE_MOODS)('that is %s', async (mood) => {
    const { clock, edges, ask } = rig();
    edges.setMood('near', mood);
    const seen = ask('near');
    await clock.advance(ms(30_000));
    expect(seen.result).toBe(EXPECTED[mood]);
    expect(seen.isRight).toBe(['good', 'headless', 'slow'].includes(mood));
    if (mood === 'trickling') expect(seen.bytes).toBeLessThanOrEqual(30);
    if (mood === 'stalling' || mood === 'breaking') expect(seen.bytes).toBe(LENGTH * 0.9);
    if (mood === 'slow') expect(seen.tookMs).toBeGreaterThan(20_000);
    seen.cancel();
    await clock.advance(ms(1));
    expect(clock.timers()).toEqual([]);
  });

  it('is as far away as its region', async () => {
    const { clock, ask } = rig();
    const [near, far] = [ask('near', 10), ask('far', 10)];
    await clock.advance(ms(1_000));
    expect(far.tookMs - near.tookMs).toBe(2 * 60);
  });

  it('that dies breaks what is under way, and cancelling ends a question as one that was cancelled', async () => {
    const { clock, edges, ask } = rig();
    const broken = ask('near');
    const cancelled = ask('far');
    await clock.advance(ms(60));
    edges.setMood('near', 'dead');
    cancelled.cancel();
    await clock.advance(ms(1));
    expect([broken.result, cancelled.result]).toEqual(['fetch.unreachable', 'fetch.cancelled']);
    expect(broken.pieces).toBeGreaterThan(0);
  });

  it('is reached as the network lets it: cut off, narrow, or under a name that nobody knows', async () => {
    const { clock, network, edges, ask } = rig();
    network.cut(edges.placeOf('near'), 'silent');
    const cut = ask('near');
    await clock.advance(ms(6_000));
    network.heal(edges.placeOf('near'));
    expect(cut.result).toBe('fetch.timed-out');
    // 8 kbit/s: 3,000 bytes take three seconds.
    network.shape('speaker', { trace: createTrace([{ duration_ms: 1_000, bandwidth_kbps: 8 }]) });
    const narrow = ask('near');
    await clock.advance(ms(10_000));
    expect(narrow.result).toBe('answered');
    expect(narrow.tookMs).toBeGreaterThan(3_000);
    network.names.forget('speaker');
    network.names.trouble('near.example', { kind: 'not-found' });
    const unknown = ask('near');
    await clock.advance(ms(1_000));
    expect(unknown.result).toBe('fetch.unreachable');
  });
});
