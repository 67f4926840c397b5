import { beforeEach, describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import {
  ADDRESS_POLL_EVERY,
  createServiceAdvertiser,
  NAME_ORDINAL_MAX,
  RETRY_AFTER,
  type ResponderListener,
  type ServiceResponder,
} from './service-advertiser.ts';

/** How long a packet is under way: long enough for two announcements to cross. */
const LATENCY = ms(2);

/** A network on which every question, announcement and goodbye is heard by all, the sender too. */
class VirtualSegment {
  readonly heard: string[] = [];
  readonly #members = new Set<VirtualResponder>();

  join(member: VirtualResponder): void {
    this.#members.add(member);
  }

  leave(member: VirtualResponder): void {
    this.#members.delete(member);
  }

  ask(name: string): void {
    this.heard.push(`ask ${name}`);
    this.#later((member) => {
      if (member.names.has(name)) this.claim(name, member.owner);
    });
  }

  claim(name: string, owner: string): void {
    this.heard.push(`claim ${name} ${owner}`);
    this.#later((member) => member.listener?.claimed(name, owner));
  }

  release(name: string, owner: string): void {
    this.heard.push(`release ${name} ${owner}`);
    this.#later((member) => member.listener?.released(name, owner));
  }

  #later(visit: (member: VirtualResponder) => void): void {
    clock.setTimer('packet', LATENCY, () => {
      for (const member of [...this.#members]) visit(member);
    });
  }
}

class VirtualResponder implements ServiceResponder {
  readonly names = new Set<string>();
  listener: ResponderListener | null = null;
  address = '192.0.2.1';
  joins = 0;
  readonly #segment: VirtualSegment;
  readonly owner: string;

  constructor(segment: VirtualSegment, owner: string) {
    this.#segment = segment;
    this.owner = owner;
  }

  probe(name: string): void {
    this.#segment.ask(name);
  }

  announce(name: string): void {
    this.names.add(name);
    this.#segment.claim(name, this.owner);
  }

  async withdraw(name: string): Promise<void> {
    this.names.delete(name);
    this.#segment.release(name, this.owner);
  }

  rejoin(): void {
    this.joins += 1;
    this.names.clear();
    this.#segment.join(this);
  }

  addresses(): string {
    return this.address;
  }

  listen(listener: ResponderListener): void {
    this.listener = listener;
  }

  leave(): void {
    this.#segment.leave(this);
  }
}

let clock: VirtualClock;
let segment: VirtualSegment;
let told: string[];

beforeEach(() => {
  clock = new VirtualClock();
  segment = new VirtualSegment();
  told = [];
});

function advertise(owner: string, name = 'Kitchen', fraction = 0.5) {
  const responder = new VirtualResponder(segment, owner);
  const listener = {
    announced: (announced: string) => told.push(`${owner} is ${announced}`),
    failed: (reason: string) => told.push(`${owner} failed: ${reason}`),
  };
  const advertiser = createServiceAdvertiser(clock, { fraction: () => fraction }, responder, name, listener);
  return { responder, advertiser };
}

describe('service advertiser', () => {
  it('asks three times before it takes a name', async () => {
    const { advertiser } = advertise('a:1');
    advertiser.start();
    advertiser.start();
    await clock.advance(ms(870));
    expect(told).toEqual([]);
    await clock.advance(ms(10));
    expect(segment.heard).toEqual(['ask Kitchen', 'ask Kitchen', 'ask Kitchen', 'claim Kitchen a:1']);
    expect(told).toEqual(['a:1 is Kitchen']);
  });

  it('takes the next free number when others have the name', async () => {
    for (const owner of ['a:1', 'b:1', 'c:1']) {
      advertise(owner).advertiser.start();
      await clock.advance(ms(5_000));
    }
    expect(told).toEqual(['a:1 is Kitchen', 'b:1 is Kitchen (2)', 'c:1 is Kitchen (3)']);
  });

  it('lets exactly one give way when two announce at the same instant, and rescues the other', async () => {
    const first = advertise('a:1');
    const second = advertise('b:1');
    first.advertiser.start();
    second.advertiser.start();
    await clock.advance(ms(10_000));
    expect([...first.responder.names, ...second.responder.names].sort()).toEqual(['Kitchen', 'Kitchen (2)']);
    expect(second.responder.names.has('Kitchen')).toBe(true);
    const goodbye = segment.heard.indexOf('release Kitchen a:1');
    expect(goodbye).toBeGreaterThan(0);
    expect(segment.heard.lastIndexOf('claim Kitchen b:1')).toBeGreaterThan(goodbye);
  });

  it('announces again when another says goodbye to its name, and not when it hears its own', async () => {
    const { advertiser } = advertise('b:1');
    advertiser.start();
    await clock.advance(ms(1_000));
    const before = segment.heard.length;
    segment.release('Kitchen', 'b:1');
    await clock.advance(ms(2_000));
    expect(segment.heard).toHaveLength(before + 1);
    segment.release('Kitchen', 'a:1');
    await clock.advance(ms(510));
    expect(segment.heard.at(-1)).toBe('claim Kitchen b:1');
  });

  it('gives way at last to one that never does', async () => {
    const { advertiser, responder } = advertise('b:1');
    advertiser.start();
    await clock.advance(ms(1_000));
    for (let round = 0; round < 4; round += 1) {
      segment.claim('Kitchen', 'a:1');
      await clock.advance(ms(1_000));
    }
    await clock.advance(ms(5_000));
    expect([...responder.names]).toEqual(['Kitchen (2)']);
  });

  it('announces itself anew, under its name, when the addresses change', async () => {
    const { advertiser, responder } = advertise('a:1');
    advertiser.start();
    await clock.advance(ms(2_000));
    responder.address = '192.0.2.77';
    await clock.advance(ms(ADDRESS_POLL_EVERY + 2_000));
    expect(responder.joins).toBe(2);
    expect([...responder.names]).toEqual(['Kitchen']);
    expect(told).toEqual(['a:1 is Kitchen']);
    await clock.advance(ms(60_000));
    expect(responder.joins).toBe(2);
  });

  it('says goodbye, and leaves nothing behind, at whatever moment it is stopped', async () => {
    const { advertiser } = advertise('a:1');
    await advertiser.stop();
    advertiser.start();
    await clock.advance(ms(300));
    await advertiser.stop();
    expect(segment.heard).not.toContain('release Kitchen a:1');
    advertiser.start();
    await clock.advance(ms(2_000));
    await advertiser.stop();
    expect(segment.heard.at(-1)).toBe('release Kitchen a:1');
    await clock.advance(LATENCY);
    expect(clock.timers()).toEqual([]);
  });

  it('tries again after a failure of the network, for ever', async () => {
    const { advertiser, responder } = advertise('a:1');
    advertiser.start();
    responder.listener?.failed('no socket');
    await clock.advance(RETRY_AFTER);
    responder.listener?.failed('no socket');
    await clock.advance(ms(RETRY_AFTER + 2_000));
    expect(told).toEqual(['a:1 failed: no socket', 'a:1 failed: no socket', 'a:1 is Kitchen']);
  });

  it('stops renaming at a limit, and says so', async () => {
    const { advertiser, responder } = advertise('a:1');
    responder.probe = (name) => responder.listener?.claimed(name, 'other:1');
    advertiser.start();
    await clock.advance(RETRY_AFTER);
    expect(told).toEqual([`a:1 failed: all names up to "Kitchen (${NAME_ORDINAL_MAX})" are taken`]);
  });
});
