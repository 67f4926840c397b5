/** What people change is heard at once, to the frame: pause, resume, seek, skip, volume, on devices that give back and on others. */
import { describe, expect, it } from 'vitest';
import { ms, percent } from '#protocol/vocabulary/units';
import { LONE_ENGINE_LATENCY, LoneEngine } from '#sim/speakers/lone-engine';
import type { StoredTrack } from '#sim/speakers/ogg-segments';
import { rampTrack } from '#sim/speakers/ramp-track';
import { SeededRandom } from '#sim/world/seeded-random';

const SECOND = 48_000;
const FADE = 480;
const AT_ONCE_MS = 15;
/** So late in a ramp that its left channel, at a quarter of its way, does not begin anew for a quarter of a second. */
const PLAYED = ms(1_100);
/** Steps of a ramp that fades: half of full scale within 5 ms. */
const STEP_MAX = 16_384 / 240 + 2;

const track = rampTrack(1, 60 * SECOND);
const other = rampTrack(2, 60 * SECOND);

async function playing(canRewind: boolean, options: { readonly crossfadeMs?: number } = {}, tracks = [track, other]) {
  const lone = new LoneEngine(tracks, { canRewind, crossfade: ms(options.crossfadeMs ?? 0) });
  const [first] = tracks as [StoredTrack];
  lone.load(first);
  await lone.until('ready');
  await lone.clock.advance(PLAYED);
  return lone;
}

function left(lone: LoneEngine, frame: number): number {
  return lone.sink.recording()[frame * 2] ?? 0;
}

function steepest(lone: LoneEngine, from: number, to: number): number {
  let most = 0;
  for (let frame = from; frame + 1 < to; frame += 1) {
    most = Math.max(most, Math.abs(left(lone, frame + 1) - left(lone, frame)));
  }
  return most;
}

/** The first frame of the recording from `from` on that says it is `position` of `trackNumber`. */
function whereIs(lone: LoneEngine, trackNumber: number, position: number, from: number): number {
  return lone.frames().findIndex((it, at) => at >= from && it?.track === trackNumber && it.positionFrames === position);
}

/** Whether every frame is the one that belongs there when each follows the one before, or is that one in a fade. */
function isUnbroken(lone: LoneEngine): boolean {
  return lone.frames().every((it, at) => it?.positionFrames === at || left(lone, at) <= at % 16_384);
}

describe.each([
  ['gives back what is not heard', true],
  ['can only drop it', false],
])('on a device that %s', (_, canRewind) => {
  it('a pause is silent within 15 ms, and the position is where it broke off', async () => {
    const lone = await playing(canRewind);
    const before = lone.heardFrames();
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(AT_ONCE_MS));
    expect([lone.sink.delay().delayFrames, lone.heardFrames() - before <= AT_ONCE_MS * 48]).toEqual([0, true]);
    await lone.clock.advance(ms(1_000));
    expect(lone.eventsOf('position').at(-1)).toMatchObject({ positionFrames: lone.heardFrames(), isSounding: false });
    expect(lone.sink.underruns()).toBe(0);
    if (!canRewind) return;
    expect(Math.abs(left(lone, lone.heardFrames() - 1))).toBeLessThanOrEqual(1);
    expect(steepest(lone, before, lone.heardFrames())).toBeLessThanOrEqual(STEP_MAX);
  });

  it('sound is back within 15 ms, with exactly the next frame, nothing decoded twice and nothing lost', async () => {
    const lone = await playing(canRewind);
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(3_000));
    const [paused, asked] = [lone.heardFrames(), lone.content.rangesAsked.length];
    const atUs = lone.clock.nowUs();
    lone.engine.send({ kind: 'play' });
    await lone.clock.advance(ms(AT_ONCE_MS));
    expect((lone.sink.runs().at(-1)?.startedAtUs ?? 0) - atUs).toBeLessThan(1_000);
    expect(left(lone, paused + FADE + 1)).toBe((paused + FADE + 1) % 16_384);
    expect(lone.content.rangesAsked).toHaveLength(asked);
    await lone.until('ended', ms(70_000));
    expect(lone.sink.recordedFrames()).toBe(60 * SECOND);
    expect(isUnbroken(lone)).toBe(true);
    expect(steepest(lone, paused, paused + 1_000)).toBeLessThanOrEqual(STEP_MAX);
  });

  it('a pause that is taken back at once loses nothing either', async () => {
    const lone = await playing(canRewind);
    for (const wait of [0, 1, 3, 7, 12, 18, 40, 95]) {
      lone.engine.send({ kind: 'pause' });
      await lone.clock.advance(ms(wait));
      lone.engine.send({ kind: 'play' });
      await lone.clock.advance(ms(120));
    }
    await lone.until('ended', ms(70_000));
    expect(lone.sink.recordedFrames()).toBe(60 * SECOND);
    expect(isUnbroken(lone)).toBe(true);
    expect(lone.sink.underruns()).toBe(0);
  });

  it('a seek in the buffer is heard within 15 ms, to the frame, and no frame is silent', async () => {
    const lone = await playing(canRewind);
    const before = lone.heardFrames();
    const target = 20 * SECOND + 1_000;
    lone.seek(target);
    await lone.clock.advance(ms(500));
    const at = whereIs(lone, 1, target + FADE, before) - FADE;
    expect(at - before).toBeGreaterThanOrEqual(0);
    expect(at - before).toBeLessThanOrEqual(AT_ONCE_MS * 48);
    expect(lone.sink.runs().at(-1)?.startedAtUs).toBeLessThanOrEqual(lone.clock.nowUs() - 500_000);
    expect(lone.frames()[at + 5_000]).toEqual({ track: 1, positionFrames: target + 5_000 });
    if (canRewind) expect(steepest(lone, before, at + 1_000)).toBeLessThanOrEqual(STEP_MAX);
    expect(lone.sink.underruns()).toBe(0);
  });

  it('a skip whose track is there is heard within 15 ms: the old one sounds until the new one does', async () => {
    const lone = await playing(canRewind);
    lone.arm(other);
    await lone.clock.advance(PLAYED);
    const [before, asked] = [lone.heardFrames(), lone.content.manifestsAsked.length];
    lone.load(other);
    await lone.clock.advance(ms(200));
    const at = whereIs(lone, 2, FADE, before) - FADE;
    expect(at - before).toBeGreaterThanOrEqual(0);
    expect(at - before).toBeLessThanOrEqual(AT_ONCE_MS * 48);
    // Nothing of it is asked for again.
    expect(lone.content.manifestsAsked).toHaveLength(asked);
    const right = Array.from({ length: 2_000 }, (_, frame) => lone.sink.recording()[(before + frame) * 2 + 1] ?? 0);
    if (canRewind) expect(Math.min(...right)).toBeGreaterThan(500);
    // Where it had to be dropped, the new one begins in the same instant.
    const gapsUs = lone.sink.runs().map(({ startedAtUs, fromFrame }) => startedAtUs - (fromFrame * 1_000_000) / SECOND);
    expect(Math.max(...gapsUs) - Math.min(...gapsUs)).toBeLessThan(100);
    expect([lone.sink.runs().length, lone.sink.underruns()]).toEqual([canRewind ? 1 : 2, 0]);
  });

  it('one skip after the other leaves no step and no frame of those between', async () => {
    const tracks = [1, 2, 3, 4, 5].map((number) => rampTrack(number, 30 * SECOND));
    const lone = await playing(canRewind, {}, tracks);
    for (const next of tracks.slice(1)) {
      lone.arm(next);
      await lone.clock.advance(ms(300));
    }
    const before = lone.heardFrames();
    for (const next of [...tracks].reverse()) {
      lone.load(next);
      await lone.clock.advance(ms(3));
    }
    await lone.clock.advance(ms(500));
    const found = lone.stretches(FADE + 1);
    expect(found.at(-1)?.track).toBe(1);
    expect(found.every((stretch) => stretch.track === 1)).toBe(true);
    if (canRewind) expect(steepest(lone, before, before + 3_000)).toBeLessThanOrEqual(STEP_MAX);
  });

  it('a volume is heard within 15 ms where sound is given back, else after what waits', async () => {
    const lone = await playing(canRewind);
    const before = lone.heardFrames();
    lone.engine.send({ kind: 'setVolume', volume: percent(50) });
    await lone.clock.advance(ms(250));
    const gainAt = (frame: number): number => left(lone, frame) / (frame % 16_384);
    const limit = AT_ONCE_MS + (canRewind ? 0 : LONE_ENGINE_LATENCY);
    expect(gainAt(before)).toBe(1);
    expect(gainAt(before + limit * 48)).toBeCloseTo(0.125, 2);
    expect(steepest(lone, before, before + 10_000)).toBeLessThanOrEqual(STEP_MAX);
    expect(lone.sink.runs()).toHaveLength(1);
  });

  it('a finger on the volume moves it without a step, and the music stays whole', async () => {
    const lone = await playing(canRewind);
    for (let volume = 100; volume >= 40; volume -= 3) {
      lone.engine.send({ kind: 'setVolume', volume: percent(volume) });
      await lone.clock.advance(ms(7));
    }
    lone.engine.send({ kind: 'setVolume', volume: percent(100) });
    const loud = lone.heardFrames() + 10_000;
    await lone.until('ended', ms(70_000));
    expect(lone.sink.recordedFrames()).toBe(60 * SECOND);
    expect(lone.frames()[loud]).toEqual({ track: 1, positionFrames: loud });
    expect(steepest(lone, 1.1 * SECOND, 1.3 * SECOND)).toBeLessThanOrEqual(STEP_MAX);
    expect(lone.sink.underruns()).toBe(0);
  });

  it('a pause on the join of two tracks takes back the earlier one, and goes on over the join exactly', async () => {
    const short = rampTrack(1, 2 * SECOND + 77);
    const lone = new LoneEngine([short, other], { canRewind });
    lone.load(short);
    lone.arm(other);
    await lone.until('ready');
    // All of it is mixed, and its last 40 ms are not heard.
    await lone.clock.runUntil(() => lone.heardFrames() >= 2 * SECOND + 77 - 40 * 48, ms(5_000));
    lone.engine.send({ kind: 'pause' });
    await lone.clock.advance(ms(500));
    expect(lone.eventsOf('advanced')).toEqual([]);
    expect(lone.eventsOf('position').at(-1)).toMatchObject({
      trackId: short.manifest.trackId,
      positionFrames: lone.heardFrames(),
    });
    lone.engine.send({ kind: 'play' });
    expect(await lone.until('advanced')).toMatchObject({ trackId: other.manifest.trackId });
    await lone.clock.advance(ms(500));
    const heard = lone.frames();
    expect(heard[2 * SECOND + 76]).toEqual({ track: 1, positionFrames: 2 * SECOND + 76 });
    expect(heard[2 * SECOND + 77]).toEqual({ track: 2, positionFrames: 0 });
    expect(heard[2 * SECOND + 77 + 9_000]).toEqual({ track: 2, positionFrames: 9_000 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'whatever is pressed when: nothing is lost, repeated or heard late (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      const lone = await playing(canRewind);
      // Sought far apart, so that what is heard says which generation it belongs to.
      const starts = new Map([[1, 0]]);
      let silentBy = Number.POSITIVE_INFINITY;
      for (let press = 0; press < 40; press += 1) {
        const what = random.fraction();
        if (what < 0.35) lone.engine.send({ kind: 'pause' });
        else if (what < 0.7) lone.engine.send({ kind: 'play' });
        else {
          const target = Math.floor(random.fraction() * 50) * SECOND;
          lone.seek(target);
          starts.set(lone.generation, target);
        }
        await lone.clock.advance(ms(0));
        if (what < 0.35) silentBy = Math.min(silentBy, lone.heardFrames() + AT_ONCE_MS * 48);
        else if (what < 0.7) silentBy = Number.POSITIVE_INFINITY;
        await lone.clock.advance(ms(random.fraction() < 0.5 ? random.fraction() * 40 : random.fraction() * 2_000));
        expect(lone.heardFrames()).toBeLessThanOrEqual(silentBy);
      }
      lone.engine.send({ kind: 'play' });
      await lone.clock.advance(ms(2_000));
      expect(lone.sink.underruns()).toBe(0);
      const positions = lone.eventsOf('position');
      positions.forEach((event, at) => {
        const before = positions[at - 1];
        if (before?.generation === event.generation) {
          expect(event.positionFrames).toBeGreaterThanOrEqual(before.positionFrames);
        } else expect(event.positionFrames).toBeGreaterThanOrEqual(starts.get(event.generation) ?? Number.NaN);
      });
      // What is certainly heard goes on from itself, or begins where somebody sought: nothing else.
      const allowed = new Set([...starts.values()]);
      let before = null as { readonly toFrames: number; readonly endsAt: number } | null;
      let end = 0;
      for (const { frame, positionFrames, count } of certain(lone)) {
        const gap = before === null ? 0 : frame - before.endsAt;
        const goesOn = before !== null && positionFrames - before.toFrames === gap;
        const isSought = [...allowed].some((start) => positionFrames >= start && positionFrames - start <= gap + FADE);
        expect(goesOn || isSought, `frame ${frame}, position ${positionFrames}, gap ${gap}`).toBe(true);
        before = { toFrames: positionFrames + count, endsAt: frame + count };
        end = before.toFrames;
      }
      expect(end).toBeGreaterThan(starts.get(lone.generation) ?? Number.NaN);
    },
  );
});

it('a skip to what was armed takes over what is on its way: nothing is asked twice', async () => {
  const lone = new LoneEngine([track, other], { content: { roundTripMs: 300 } });
  lone.load(track);
  await lone.until('ready');
  lone.arm(other);
  await lone.clock.advance(ms(100));
  lone.load(other);
  await lone.clock.advance(ms(2_000));
  expect(lone.content.manifestsAsked.filter((id) => id === other.manifest.trackId)).toHaveLength(1);
  expect(lone.stretches().at(-1)).toMatchObject({ track: 2 });
});

/** Stretches of the recording that are too long to be a fade that happens to look like something else. */
function certain(lone: LoneEngine): { frame: number; positionFrames: number; count: number }[] {
  const found: { frame: number; positionFrames: number; count: number }[] = [];
  const all = lone.frames();
  for (let frame = 0; frame < all.length; ) {
    const first = all[frame];
    let count = 1;
    while (first != null && all[frame + count]?.positionFrames === first.positionFrames + count) count += 1;
    if (first != null && count > FADE) found.push({ frame, positionFrames: first.positionFrames, count });
    frame += count;
  }
  return found;
}
