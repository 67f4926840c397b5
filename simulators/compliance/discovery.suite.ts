/** What every discovery must keep to: the contract of `protocol/ports/discovery.ts` as tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Advertiser, AdvertiserListener, Browser, Discovery, FoundService } from '#protocol/ports/discovery';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** Probing takes 750 ms and announcing a second on a real network, a rename as much again. */
const WAIT_MAX: Ms = ms(12_000);

export interface DiscoveryMeeting {
  /** Two processes on one network. */
  readonly near: Discovery;
  readonly far: Discovery;
  /** A service type nobody else on this network uses. */
  readonly type: string;
  until(condition: () => boolean, limit: Ms): Promise<boolean>;
  stop(): Promise<void>;
}

class Notes implements AdvertiserListener {
  readonly names: string[] = [];
  readonly failures: string[] = [];

  announced(name: string): void {
    this.names.push(name);
  }

  failed(reason: string): void {
    this.failures.push(reason);
  }
}

export function describeDiscovery(name: string, meet: () => Promise<DiscoveryMeeting>): void {
  describe(`discovery: ${name}`, () => {
    let meeting: DiscoveryMeeting;
    const started: Advertiser[] = [];
    const browsers: Browser[] = [];
    beforeEach(async () => {
      meeting = await meet();
    });
    afterEach(async () => {
      for (const browser of browsers.splice(0)) browser.stop();
      for (const advertiser of started.splice(0)) await advertiser.stop();
      await meeting.stop();
    });

    const until = async (what: string, condition: () => boolean): Promise<void> => {
      expect(await meeting.until(condition, WAIT_MAX), what).toBe(true);
    };

    function advertise(by: Discovery, serviceName: string, port: number): { notes: Notes; advertiser: Advertiser } {
      const notes = new Notes();
      const advertiser = by.advertise(
        { type: meeting.type, name: serviceName, port, txt: { v: '1', path: '/x' } },
        notes,
      );
      advertiser.start();
      advertiser.start();
      started.push(advertiser);
      return { notes, advertiser };
    }

    function browse(by: Discovery): { found: FoundService[]; lost: string[] } {
      const seen: { found: FoundService[]; lost: string[] } = { found: [], lost: [] };
      browsers.push(
        by.browse(meeting.type, {
          found: (service) => seen.found.push(service),
          lost: (lostName) => seen.lost.push(lostName),
        }),
      );
      return seen;
    }

    it('is found with name, port, text and an address, whoever came first', async () => {
      const early = browse(meeting.far);
      const { notes } = advertise(meeting.near, 'Kitchen', 4748);
      await until('it is announced', () => notes.names.length > 0);
      expect(notes.names[0]).toBe('Kitchen');
      const late = browse(meeting.far);
      await until('both browsers find it', () => early.found.length > 0 && late.found.length > 0);
      for (const service of [early.found[0], late.found[0]]) {
        expect(service).toMatchObject({ type: meeting.type, name: 'Kitchen', port: 4748, txt: { v: '1', path: '/x' } });
        expect(service?.addresses.length).toBeGreaterThan(0);
        expect(service?.host).not.toBe('');
      }
    });

    it('tells two of the same name apart', async () => {
      const first = advertise(meeting.near, 'Kitchen', 4001);
      await until('the first is announced', () => first.notes.names.length > 0);
      const second = advertise(meeting.far, 'Kitchen', 4002);
      await until('the second is announced', () => second.notes.names.includes('Kitchen (2)'));
      const seen = browse(meeting.near);
      await until('both are found', () => new Set(seen.found.map((service) => service.port)).size === 2);
      expect(seen.found.find((service) => service.port === 4001)?.name).toBe('Kitchen');
      expect(seen.found.find((service) => service.port === 4002)?.name).toBe('Kitchen (2)');
    });

    it('says goodbye: who browses is told, and the name is free again', async () => {
      const first = advertise(meeting.near, 'Kitchen', 4001);
      const seen = browse(meeting.far);
      await until('it is found', () => seen.found.length > 0);
      await first.advertiser.stop();
      await first.advertiser.stop();
      await until('it is lost', () => seen.lost.includes('Kitchen'));
      const second = advertise(meeting.far, 'Kitchen', 4002);
      await until('another can have the name', () => second.notes.names.length > 0);
      expect(second.notes.names[0]).toBe('Kitchen');
    });

    it('tells a stopped browser nothing', async () => {
      const seen = browse(meeting.far);
      for (const browser of browsers.splice(0)) browser.stop();
      const { notes } = advertise(meeting.near, 'Kitchen', 4001);
      await until('it is announced', () => notes.names.length > 0);
      await meeting.until(() => false, ms(500));
      expect(seen.found).toEqual([]);
    });

    it('stops unstarted without harm', async () => {
      const notes = new Notes();
      await meeting.near.advertise({ type: meeting.type, name: 'Never', port: 1, txt: {} }, notes).stop();
      expect(notes.names).toEqual([]);
    });
  });
}
