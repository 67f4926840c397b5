import { beforeEach, describe, expect, it } from 'vitest';
import { type Ms, ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createWatchdog } from './watchdog.ts';

const EVERY = ms(15_000);

describe('what a service manager is told', () => {
  let clock: VirtualClock;
  let told: string[];
  let answers: ((isAlive: boolean) => void)[];

  beforeEach(() => {
    clock = new VirtualClock();
    told = [];
    answers = [];
  });

  const watch = (aliveEvery: Ms | null) => {
    const tell = (what: string) => () => void told.push(what);
    return createWatchdog({
      clock,
      manager: { aliveEvery, ready: tell('ready'), alive: tell('alive'), status: () => {}, stopping: tell('stopping') },
      isAudioAlive: () => new Promise((resolve) => answers.push(resolve)),
    });
  };
  const answer = async (isAlive: boolean) => {
    answers.shift()?.(isAlive);
    await clock.advance(ms(0));
  };

  it('is nothing before the audio thread answers, then that it is ready, then that it lives', async () => {
    const watchdog = watch(EVERY);
    watchdog.start();
    watchdog.start();
    await clock.advance(ms(60_000));
    expect(told).toEqual([]);
    await answer(true);
    expect(told).toEqual(['ready', 'alive']);
    await clock.advance(EVERY);
    await answer(true);
    expect(told).toEqual(['ready', 'alive', 'alive']);
  });

  it('is nothing any more when the audio thread hangs, and nothing while there is none', async () => {
    const watchdog = watch(EVERY);
    watchdog.start();
    await answer(true);
    await clock.advance(EVERY);
    await answer(false);
    await clock.advance(EVERY);
    expect(answers).toHaveLength(1);
    await clock.advance(ms(600_000));
    expect(told).toEqual(['ready', 'alive']);
    expect(clock.timers()).toEqual([]);
  });

  it('is asked for again where the audio thread died at its start', async () => {
    const watchdog = watch(null);
    watchdog.start();
    await answer(false);
    expect(told).toEqual([]);
    await clock.advance(ms(1_000));
    await answer(true);
    expect(told).toEqual(['ready']);
    expect(clock.timers()).toEqual([]);
  });

  it('ends with its stop, once, whatever is still awaited', async () => {
    const watchdog = watch(EVERY);
    watchdog.start();
    await answer(true);
    await clock.advance(EVERY);
    watchdog.stop();
    watchdog.stop();
    await answer(true);
    watchdog.start();
    expect(told).toEqual(['ready', 'alive', 'stopping']);
    expect(clock.timers()).toEqual([]);
    expect(answers).toEqual([]);
  });
});
