import { describe, expect, it } from 'vitest';
import { ms, us } from '#protocol/vocabulary/units';
import { RelayRoom } from '#sim/relay/relay-room';
import type { ScriptedSpeaker } from '#sim/relay/scripted-speaker';
import { HOUSE_ACCOUNT } from '../ports/callers.ts';
import { ALTERNATIONS_MIN, DOUBLED_WITHIN_US, LinkSuccession } from './link-succession.ts';

const MINUTE_US = 60_000_000;

/** One data folder, started on this machine or on a copy of it; each remembers the token of its last welcome. */
class Machines {
  readonly succession = new LinkSuccession();
  readonly #remembered = new Map<string, string>();
  #tokens = 0;
  nowUs = 0;

  /** @param isHeard whether it is heard of after its welcome @returns what `welcomed` says */
  come(name: string, { isHeard = true, keeps = true } = {}): boolean {
    this.#tokens += 1;
    const token = `token-${this.#tokens}`;
    const told = this.succession.welcomed(this.#remembered.get(name) ?? null, token, us(this.nowUs));
    if (isHeard) this.succession.heard();
    if (isHeard && keeps) this.#remembered.set(name, token);
    this.nowUs += MINUTE_US;
    return told;
  }

  get isDoubled(): boolean {
    return this.succession.isDoubled(us(this.nowUs));
  }
}

describe('links under one id', () => {
  it('are of two machines that take each other’s place, and that is told once', () => {
    const machines = new Machines();
    const told = ['one', 'two', 'one', 'two', 'one', 'two', 'one'].map((name) => machines.come(name));
    // Each came once without a place to come back to.
    expect(told.indexOf(true)).toBe(1 + ALTERNATIONS_MIN);
    expect(told.filter((it) => it)).toHaveLength(1);
    expect(machines.isDoubled).toBe(true);
  });

  it('are so no more when it has not happened for a while', () => {
    const machines = new Machines();
    for (const name of ['one', 'two', 'one', 'two', 'one']) machines.come(name);
    expect(machines.isDoubled).toBe(true);
    machines.nowUs += DOUBLED_WITHIN_US;
    expect(machines.isDoubled).toBe(false);
  });

  it('are of one machine that comes back as often as it likes, in whatever state', () => {
    const machines = new Machines();
    for (let n = 0; n < 100; n += 1) machines.come('one');
    // Welcomes that never arrive: whoever was meant is not heard of.
    for (let n = 0; n < 100; n += 1) machines.come('one', { isHeard: false });
    expect(machines.isDoubled).toBe(false);
  });

  it('are of one machine that dies again and again before it has written down where it was', () => {
    const machines = new Machines();
    machines.come('one');
    for (let n = 0; n < 100; n += 1) machines.come('one', { keeps: false });
    expect(machines.isDoubled).toBe(false);
  });

  it('are of one machine that a power cut set back now and then', () => {
    const machines = new Machines();
    machines.come('one');
    for (let n = 0; n < 20; n += 1) {
      machines.come('one', { keeps: false });
      machines.come('one');
      machines.nowUs += DOUBLED_WITHIN_US / (ALTERNATIONS_MIN - 1);
    }
    expect(machines.isDoubled).toBe(false);
  });

  it('are told of where two machines have one key', async () => {
    const house = new RelayRoom('open');
    await house.start();
    const [one, other] = [house.speaker('kitchen'), house.speaker('kitchen')];
    const isShownDoubled = () => house.household.view(HOUSE_ACCOUNT).speakers.map((it) => it.isDoubled ?? false);
    const come = async (machine: ScriptedSpeaker) => {
      const token = machine.heardOf('welcome').at(-1)?.resumeToken ?? null;
      await house.during(machine.connect({ token, epoch: 0, revision: 0, isActive: false }));
      await house.run(ms(60_000));
    };
    for (const machine of [one, other, one, other]) await come(machine);
    expect([house.alarms, isShownDoubled()]).toEqual([[], [false]]);
    await come(one);
    expect([house.alarms, isShownDoubled()]).toEqual([['doubled'], [true]]);
    await come(other);
    expect(house.alarms).toEqual(['doubled']);
    // One of them is put away.
    await house.run(ms(20 * 60_000));
    await come(other);
    expect(isShownDoubled()).toEqual([false]);
  });
});
