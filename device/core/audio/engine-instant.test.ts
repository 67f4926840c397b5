/** Sound that begins and ends at an instant: the very frame, on devices that give back and on others, early, late and called off. */
import { describe, expect, it } from 'vitest';
import { type Frames, frames, type Ms, ms, us } from '#protocol/vocabulary/units';
import { LoneEngine } from '#sim/speakers/lone-engine';
import { rampTrack } from '#sim/speakers/ramp-track';

const SECOND = 48_000;
const FADE = 480;
const track = rampTrack(1, 60 * SECOND);
const FROM = frames(10 * SECOND);

/** Loaded, ready, silent. */
async function prepared(options: { readonly canRewind?: boolean } = {}): Promise<LoneEngine> {
  const lone = new LoneEngine([track], options);
  lone.load(track, { startFrames: FROM, isPlaying: false });
  await lone.until('ready');
  return lone;
}

function inUs(lone: LoneEngine, time: Ms) {
  return us(lone.clock.nowUs() + time * 1_000);
}

/** When the frame of the track was at the loudspeaker, in µs, by what follows its fade. */
function heardAtUs(lone: LoneEngine, positionFrames: number): number {
  const beyond = positionFrames + 2 * FADE;
  const at = lone.frames().findIndex((it) => it?.track === 1 && it.positionFrames === beyond);
  if (at < 0) throw new Error(`frame ${beyond} was not heard`);
  const run = lone.sink.runs().findLast(({ fromFrame }) => fromFrame <= at);
  if (run === undefined) throw new Error('what was heard was heard in some run');
  return run.startedAtUs + ((at - 2 * FADE - run.fromFrame) * 1_000_000) / SECOND;
}

function isSilent(lone: LoneEngine): boolean {
  return lone.sink
    .recording()
    .subarray(0, lone.heardFrames() * 2)
    .every((sample) => sample === 0);
}

function play(lone: LoneEngine, positionFrames: Frames, time: Ms): number {
  const atUs = inUs(lone, time);
  lone.engine.send({ kind: 'play', startAt: { positionFrames, atUs } });
  return atUs;
}

describe.each([true, false])('at an instant, on a device that gives back: %s', (canRewind) => {
  it('begins with the frame that was said, to the frame', async () => {
    const lone = await prepared({ canRewind });
    const atUs = play(lone, FROM, ms(400));
    await lone.clock.advance(ms(1_500));
    expect(Math.abs(heardAtUs(lone, FROM) - atUs)).toBeLessThan(50);
    expect(lone.sink.underruns()).toBe(0);
    expect(lone.eventsOf('position').at(-1)).toMatchObject({ isSounding: true });
  });

  it('is silent before, and says that it sounds only when it does', async () => {
    const lone = await prepared({ canRewind });
    play(lone, FROM, ms(400));
    await lone.clock.advance(ms(395));
    expect(lone.eventsOf('position').some((event) => event.isSounding)).toBe(false);
    expect(isSilent(lone)).toBe(true);
    await lone.clock.advance(ms(30));
    expect(lone.eventsOf('position').at(-1)).toMatchObject({ isSounding: true });
  });

  it.each([0, 40, -700])('told %i ms before, begins further on, in its place', async (left) => {
    const lone = await prepared({ canRewind });
    const atUs = inUs(lone, ms(0)) + left * 1_000;
    lone.engine.send({ kind: 'play', startAt: { positionFrames: FROM, atUs: us(atUs) } });
    await lone.clock.advance(ms(1_500));
    const later = FROM + SECOND;
    expect(Math.abs(heardAtUs(lone, later) - atUs - 1_000_000)).toBeLessThan(50);
  });

  it('falls silent when that was said and not before', async () => {
    const lone = await prepared({ canRewind });
    lone.engine.send({ kind: 'play' });
    await lone.clock.advance(ms(1_000));
    const atUs = inUs(lone, ms(300));
    lone.engine.send({ kind: 'pause', atUs });
    await lone.clock.advance(ms(1_000));
    const [run] = lone.sink.runs();
    const silentAtUs = (run?.startedAtUs ?? 0) + (lone.heardFrames() * 1_000_000) / SECOND;
    expect(silentAtUs - atUs).toBeGreaterThanOrEqual(0);
    expect(silentAtUs - atUs).toBeLessThanOrEqual(11_000);
    const heard = lone.eventsOf('position').at(-1);
    expect(heard).toMatchObject({ isSounding: false, positionFrames: FROM + lone.heardFrames() });
  });

  it('goes on as if nothing had been said when that is taken back in time', async () => {
    const lone = await prepared({ canRewind });
    lone.engine.send({ kind: 'play' });
    await lone.clock.advance(ms(1_000));
    lone.engine.send({ kind: 'pause', atUs: inUs(lone, ms(300)) });
    await lone.clock.advance(ms(200));
    lone.engine.send({ kind: 'play' });
    await lone.clock.advance(ms(1_000));
    expect(lone.stretches()).toHaveLength(1);
    expect(lone.eventsOf('position').at(-1)).toMatchObject({ isSounding: true });
    expect(lone.sink.runs()).toHaveLength(1);
  });
});

it('a start at an instant is ended by a pause, and brought forward by a plain play', async () => {
  const lone = await prepared();
  play(lone, FROM, ms(400));
  await lone.clock.advance(ms(100));
  lone.engine.send({ kind: 'pause' });
  await lone.clock.advance(ms(1_000));
  expect(isSilent(lone)).toBe(true);
  play(lone, FROM, ms(4_000));
  await lone.clock.advance(ms(100));
  lone.engine.send({ kind: 'play' });
  await lone.clock.advance(ms(300));
  expect(lone.stretches().at(-1)).toMatchObject({ track: 1 });
});

it('a start whose track is still on its way begins where it would be by then', async () => {
  const lone = new LoneEngine([track], { content: { roundTripMs: 700 } });
  lone.load(track, { startFrames: FROM, isPlaying: false });
  const atUs = play(lone, FROM, ms(300));
  await lone.clock.advance(ms(6_000));
  const later = FROM + 4 * SECOND;
  expect(Math.abs(heardAtUs(lone, later) - atUs - 4_000_000)).toBeLessThan(100);
});

it('tells where it is as soon as the device has run dry while it stood still, and not at the next second', async () => {
  const lone = new LoneEngine([track]);
  lone.load(track);
  await lone.until('ready');
  await lone.clock.advance(ms(2_200));
  lone.clock.stall(ms(200));
  await lone.clock.advance(ms(100));
  expect(lone.sink.underruns()).toBe(1);
  const told = lone.eventsOf('position').at(-1);
  const sinceFrames = ((lone.clock.nowUs() - (told?.atUs ?? 0)) * SECOND) / 1_000_000;
  expect(Math.abs((told?.positionFrames ?? 0) + sinceFrames - lone.heardFrames())).toBeLessThan(FADE);
});
