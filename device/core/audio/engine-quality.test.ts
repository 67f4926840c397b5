/** The whole engine over several qualities: what is heard is every frame of the track, whatever the link does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { createLinkTrace, type LinkTrace } from '#sim/network/commute-trace';
import { ShapedContent } from '#sim/network/shaped-content';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { EDGE_MOODS, type EdgeMood, MoodyEdges } from '#sim/speakers/moody-edges';
import { rampLadder } from '#sim/speakers/ramp-ladder';

const SECOND = 48_000;
const LADDER_KBPS = [24, 96, 160, 320];
const NEAR = 'http://near';
const FAR = 'http://far';

function over(trace: LinkTrace, seconds: number, quality?: { kind: 'best' } | { kind: 'cap'; kbps: number }) {
  const ladder = rampLadder(1, seconds * SECOND, LADDER_KBPS);
  const contents: ShapedContent[] = [];
  const lone = new LoneEngine([], {
    ...(quality === undefined ? {} : { quality }),
    sources: (clock) => {
      const content = new ShapedContent(clock, { trace, roundTripMs: 40 }, [ladder.served]);
      contents.push(content);
      return { chunks: content, manifests: content };
    },
  });
  const qualities = (): number[] => {
    const all = lone.eventsOf('health').flatMap(({ delivery }) => delivery?.qualityKbps ?? []);
    return all.filter((quality, place) => quality !== all[place - 1]);
  };
  return { lone, ladder, qualities, answered: () => contents.flatMap((content) => content.answered) };
}

describe('the audio engine over several qualities', () => {
  it('goes down with the link and up again, and every frame is heard once', async () => {
    const trace = createLinkTrace([
      { untilMs: 900, kbps: 5_000 },
      { untilMs: 20_000, kbps: 60 },
      { untilMs: 20_001, kbps: 5_000 },
    ]);
    const { lone, ladder, qualities } = over(trace, 140, { kind: 'best' });
    lone.load(ladder);
    await lone.until('ended', ms(200_000));
    expect(qualities()).toEqual(expect.arrayContaining([320, 24]));
    expect(qualities().at(-1)).toBe(320);
    expect(lone.eventsOf('starved')).toHaveLength(0);
    expect(lone.sink.recordedFrames()).toBe(140 * SECOND);
    const heard = lone.stretches();
    expect(heard).toHaveLength(1);
    expect(heard[0]?.toFrames).toBe(140 * SECOND);
  });

  it('begins modestly over 4 Mbit/s and 40 ms, and rises at the next boundary', async () => {
    const { lone, ladder, qualities } = over(createLinkTrace([{ untilMs: 1, kbps: 4_000 }]), 20);
    lone.load(ladder, { isPlaying: false });
    await lone.until('ready');
    // Two round trips and the 12 kB of a segment, in steps of 10 ms; the same in the best quality would take 17 ms more.
    expect(lone.clock.nowUs() / 1000).toBeLessThanOrEqual(140);
    lone.engine.send({ kind: 'play' });
    await lone.until('ended', ms(60_000));
    expect(qualities()).toEqual([96, 160]);
  });

  it('keeps to what was asked for at most', async () => {
    const { lone, ladder, answered } = over(createLinkTrace([{ untilMs: 1, kbps: 50_000 }]), 12, {
      kind: 'cap',
      kbps: 96,
    });
    lone.load(ladder);
    await lone.until('ended', ms(60_000));
    expect(new Set(answered().map(({ bitrateKbps }) => bitrateKbps))).toEqual(new Set([96]));
  });

  it('fetches nothing again that is held in a quality that will do', async () => {
    const { lone, ladder, answered } = over(createLinkTrace([{ untilMs: 1, kbps: 50_000 }]), 12);
    lone.load(ladder);
    await lone.until('ended', ms(60_000));
    const before = answered().length;
    lone.load(ladder);
    await lone.until('ended', ms(60_000));
    lone.seek(0);
    await lone.until('ended', ms(60_000));
    expect(lone.eventsOf('ended')).toHaveLength(3);
    expect(answered()).toHaveLength(before);
  });

  it('gives up a request when the link collapses under it', async () => {
    const trace = createLinkTrace([
      { untilMs: 350, kbps: 5_000 },
      { untilMs: 360, kbps: 50 },
    ]);
    const { lone, ladder, answered, qualities } = over(trace, 20, { kind: 'best' });
    lone.load(ladder);
    await lone.until('ended', ms(120_000));
    const broken = answered().filter(({ bitrateKbps, cameBytes }) => bitrateKbps > 24 && cameBytes < 40_000);
    expect(broken.length).toBeGreaterThan(0);
    expect(qualities().at(-1)).toBe(24);
    expect(lone.sink.recordedFrames()).toBe(20 * SECOND);
  });

  it('plays every frame whatever edges do to several files, and takes no segment for another', async () => {
    const mood = fc.constantFrom<EdgeMood>(...EDGE_MOODS);
    const changes = fc.array(fc.record({ atMs: fc.nat(10_000), url: fc.constantFrom(NEAR, FAR), mood }), {
      maxLength: 6,
    });
    const ladder = rampLadder(1, 10 * SECOND, LADDER_KBPS);
    const speeds = fc.constantFrom(6_000, 20_000, 100_000);
    await fc.assert(
      fc.asyncProperty(changes, speeds, fc.nat(1_000), async (all, bytesPerSecond, seed) => {
        let edges: MoodyEdges | null = null;
        const lone = new LoneEngine([ladder], {
          seed,
          quality: { kind: 'best' },
          chunks: (clock) => {
            edges = new MoodyEdges(clock, ladder.rungs, { bytesPerSecond });
            return edges;
          },
        });
        lone.content.listEdges(NEAR, FAR);
        for (const { atMs, url, mood: next } of all) {
          lone.clock.setTimer('mood', ms(atMs), () => edges?.setMood(url, next));
        }
        lone.load(ladder);
        await lone.until('ended', ms(300_000));
        expect(lone.eventsOf('ended')).toHaveLength(1);
        expect(lone.stretches(1).reduce((most, { toFrames }) => Math.max(most, toFrames), 0)).toBe(10 * SECOND);
      }),
      { numRuns: 15 },
    );
  });

  it('ends every track where it ends, wherever it is sought on whatever link', async () => {
    const steps = fc.array(
      fc.record({ untilMs: fc.integer({ min: 200, max: 8_000 }), kbps: fc.constantFrom(0, 80, 300, 2_000, 20_000) }),
      { minLength: 1, maxLength: 6 },
    );
    const seeks = fc.array(fc.record({ afterMs: fc.nat(3_000), to: fc.nat(19 * SECOND) }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, seeks, async (drawn, all) => {
        let untilMs = 0;
        const trace = createLinkTrace([
          ...drawn.map(({ untilMs: lastsMs, kbps }) => {
            untilMs += lastsMs;
            return { untilMs, kbps };
          }),
          { untilMs: untilMs + 1, kbps: 400 },
        ]);
        const { lone, ladder } = over(trace, 20, { kind: 'best' });
        lone.load(ladder);
        for (const { afterMs, to } of all) {
          await lone.clock.advance(ms(afterMs));
          lone.seek(to);
        }
        await lone.until('ended', ms(200_000));
        expect(lone.eventsOf('ended').at(-1)?.generation).toBe(lone.generation);
        expect(lone.eventsOf('failed')).toHaveLength(0);
        expect(lone.stretches(1).at(-1)?.toFrames).toBe(20 * SECOND);
      }),
      { numRuns: 12 },
    );
  });

  it('ends also when all that was left after running dry sounds between two ticks', async () => {
    const trace = createLinkTrace([
      { untilMs: 200, kbps: 2_000 },
      { untilMs: 1_111, kbps: 0 },
      { untilMs: 1_112, kbps: 400 },
    ]);
    const { lone, ladder } = over(trace, 20, { kind: 'best' });
    lone.load(ladder);
    lone.seek(911_928);
    await lone.until('ended', ms(10_000));
    expect(lone.eventsOf('starved')).toHaveLength(1);
    expect(lone.eventsOf('ended')).toHaveLength(1);
  });
});
