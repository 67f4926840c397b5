import { describe, expect, it } from 'vitest';
import { ms, us } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createHeartbeat, type Heartbeat } from './heartbeat.ts';

function stage(fraction = 0.5) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const at = () => clock.nowUs() / 1000;
  const view = {
    send: (sequence: number) => told.push(`${at()} beat ${sequence}`),
    dead: () => told.push(`${at()} dead`),
  };
  const random = { fraction: () => fraction, token: () => '' };
  const heartbeat = createHeartbeat(clock, random, view, { everyMs: ms(1_000), deadAfterMs: ms(2_500) });
  return { clock, told, heartbeat };
}

describe('heartbeat', () => {
  it('beats first within the first period, then every period', async () => {
    const { clock, told, heartbeat } = stage(0.25);
    heartbeat.start();
    await clock.advance(ms(2_300));
    expect(told).toEqual(['250 beat 0', '1250 beat 1', '2250 beat 2']);
  });

  it('takes a silent peer for dead once, and then is still', async () => {
    const { clock, told, heartbeat } = stage();
    heartbeat.start();
    await clock.advance(ms(60_000));
    expect(told).toEqual(['500 beat 0', '1500 beat 1', '2500 dead']);
    expect(clock.timers()).toEqual([]);
  });

  it('counts the silence from the last thing heard', async () => {
    const { clock, told, heartbeat } = stage();
    heartbeat.start();
    await clock.advance(ms(2_400));
    heartbeat.heard();
    await clock.advance(ms(2_400));
    expect(told.some((line) => line.endsWith('dead'))).toBe(false);
    await clock.advance(ms(100));
    expect(told.at(-1)).toBe('4900 dead');
  });

  it('says nothing after stop, even when stopped from inside a beat', async () => {
    const clock = new VirtualClock();
    let beats = 0;
    let heartbeat: Heartbeat | null = null;
    const view = {
      send: () => {
        beats += 1;
        heartbeat?.stop();
      },
      dead: () => expect.unreachable('a stopped heartbeat finds nobody dead'),
    };
    const random = { fraction: () => 0, token: () => '' };
    heartbeat = createHeartbeat(clock, random, view, { everyMs: ms(100), deadAfterMs: ms(300) });
    heartbeat.start();
    await clock.advance(ms(5_000));
    expect(beats).toBe(1);
    expect(clock.timers()).toEqual([]);
  });

  it('started twice beats once per period, and goes on counting', async () => {
    const { clock, told, heartbeat } = stage();
    heartbeat.start();
    heartbeat.start();
    await clock.advance(ms(600));
    heartbeat.start();
    await clock.advance(ms(600));
    expect(told).toEqual(['500 beat 0', '1100 beat 1']);
    heartbeat.stop();
    heartbeat.stop();
    expect(clock.timers()).toEqual([]);
  });

  it('asks a peer that is doubted at once, and takes it for dead unless it says something', async () => {
    const { clock, told, heartbeat } = stage(1);
    heartbeat.doubt(ms(100));
    heartbeat.start();
    heartbeat.doubt(ms(100));
    await clock.advance(ms(60));
    heartbeat.doubt(ms(100));
    heartbeat.heard();
    await clock.advance(ms(200));
    expect(told).toEqual(['0 beat 0']);
    heartbeat.doubt(ms(100));
    await clock.advance(ms(60_000));
    expect(told.slice(1)).toEqual(['260 beat 1', '360 dead']);
    expect(clock.timers()).toEqual([]);
  });

  it('reads what came while the process was stopped before it takes the peer for dead', () => {
    const { clock, told, heartbeat } = sleepyStage();
    heartbeat.start();
    // Stopped for an hour: every timer is late, and what the peer said is still in the socket.
    clock.sleep(3_600_000);
    expect(told).toEqual(['beat']);
    heartbeat.heard();
    for (let step = 0; step < 24; step += 1) clock.sleep(100);
    expect(told).toEqual(['beat', 'beat', 'beat']);
    for (let step = 0; step < 10; step += 1) clock.sleep(100);
    expect(told.filter((it) => it === 'dead')).toHaveLength(1);
  });

  it('takes the peer for dead when nothing had come while the process was stopped', () => {
    const { clock, told, heartbeat } = sleepyStage();
    heartbeat.start();
    clock.sleep(3_600_000);
    for (let step = 0; step < 11; step += 1) clock.sleep(100);
    expect(told.at(-1)).toBe('dead');
  });
});

/** A clock of a process that can be stopped: its timers, all that are due, fire once when it runs again. */
function sleepyStage() {
  let nowMs = 0;
  let timers: { dueMs: number; fire: () => void }[] = [];
  const clock = {
    nowUs: () => us(nowMs * 1_000),
    wallMs: () => nowMs,
    setTimer: (name: string, delay: number, fire: () => void) => {
      const timer = { dueMs: nowMs + delay, fire };
      timers.push(timer);
      const cancel = () => {
        timers = timers.filter((it) => it !== timer);
      };
      return { name, cancel };
    },
    sleep: (timeMs: number) => {
      nowMs += timeMs;
      const due = timers.filter(({ dueMs }) => dueMs <= nowMs);
      timers = timers.filter(({ dueMs }) => dueMs > nowMs);
      for (const { fire } of due) fire();
    },
  };
  const told: string[] = [];
  const view = { send: () => void told.push('beat'), dead: () => void told.push('dead') };
  const options = { everyMs: ms(1_000), deadAfterMs: ms(2_500) };
  return { clock, told, heartbeat: createHeartbeat(clock, { fraction: () => 0.5, token: () => '' }, view, options) };
}
