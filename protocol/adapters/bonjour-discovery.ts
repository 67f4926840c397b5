/**
 * Being found and finding by mDNS, with the bonjour-service package.
 *
 * A thin binding: what the package leaves out (a name that is taken, changed addresses, a goodbye that has really gone)
 * is decided in `kit/service-advertiser`, which is tested without a network. Each advertiser and each browser has an
 * instance of its own, because unpublishing one service of an instance also unpublishes the others' shared records.
 */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { Bonjour, type Service } from 'bonjour-service';
import {
  createServiceAdvertiser,
  type ResponderListener,
  type ServiceResponder,
} from '#protocol/kit/service-advertiser';
import { createServiceList } from '#protocol/kit/service-list';
import type { Clock, Timer } from '#protocol/ports/clock';
import type { BrowseListener, Browser, Discovery, FoundService, ServiceDescription } from '#protocol/ports/discovery';
import type { Logger } from '#protocol/ports/logger';
import { ms } from '#protocol/vocabulary/units';

/** Bytes of chance in the host name: two processes of one network must not share one, or they would share addresses. */
const HOST_TOKEN_BYTES = 5;
/** A browser asks soon again, because one question may get lost, and then now and then. */
const BROWSE_AGAIN_AFTER = [ms(1_000), ms(3_000), ms(10_000)] as const;
const BROWSE_EVERY = ms(60_000);
/** How often addresses are compared, and how long a service may take to show up again on a changed network. */
const BROWSE_ADDRESS_POLL_EVERY = ms(5_000);
const SWEEP_AFTER = ms(5_000);
/** A goodbye that cannot be sent (the network is gone) must not keep a process from ending. */
const GOODBYE_TIMEOUT_MS = 1_000;

/** What we need of the package's inside: it shows neither answers to questions nor errors of the socket. */
interface BonjourInside {
  readonly server: {
    readonly mdns: {
      on(event: 'response', listener: (packet: MdnsPacket) => void): void;
      on(event: 'error' | 'warning', listener: (error: Error) => void): void;
      query(name: string, type: 'ANY'): void;
      respond(records: readonly object[], sent?: () => void): void;
    };
  };
}

interface MdnsPacket {
  readonly answers: readonly MdnsRecord[];
  readonly additionals: readonly MdnsRecord[];
}

interface MdnsRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl?: number;
  readonly data?: { readonly target?: string; readonly port?: number };
}

export function createBonjourDiscovery(clock: Clock, logger: Logger): Discovery & { close(): Promise<void> } {
  const open = new Set<() => Promise<void>>();
  return {
    advertise: (service, listener) => {
      const responder = createResponder(service, logger);
      const random = { fraction: () => Math.random() };
      const advertiser = createServiceAdvertiser(clock, random, responder, service.name, listener);
      open.add(advertiser.stop);
      return advertiser;
    },
    browse: (type, listener) => {
      const browser = browse(clock, logger, type, listener);
      open.add(async () => browser.stop());
      return browser;
    },
    close: async () => {
      await Promise.all([...open].map((stop) => stop()));
      open.clear();
    },
  };
}

function createInstance(logger: Logger, failed: (reason: string) => void): Bonjour {
  const bonjour = new Bonjour({}, (error: Error) => failed(error.message));
  const { mdns } = inside(bonjour);
  // Both would otherwise end the process (an `error` event without a listener) or be lost.
  mdns.on('error', (error) => failed(error.message));
  mdns.on('warning', (error) => logger.debug('discovery.warning', { reason: error.message }));
  return bonjour;
}

function inside(bonjour: Bonjour): BonjourInside['server'] {
  return (bonjour as unknown as BonjourInside).server;
}

function createResponder(description: ServiceDescription, logger: Logger): ServiceResponder {
  // Not the machine's own name: a mDNS daemon on it answers to that, and would take our addresses for a conflict.
  const host = `tonearm-${randomBytes(HOST_TOKEN_BYTES).toString('hex')}.local`;
  const suffix = `._${description.type}._tcp.local`;
  let bonjour: Bonjour | null = null;
  let published: Service | null = null;
  let listener: ResponderListener | null = null;

  function leave(): void {
    bonjour?.destroy();
    bonjour = null;
    published = null;
  }

  function heard(packet: MdnsPacket): void {
    for (const record of [...packet.answers, ...packet.additionals]) {
      const target = record.data?.target;
      if (record.type !== 'SRV' || target === undefined || !record.name.toLowerCase().endsWith(suffix)) continue;
      const name = record.name.slice(0, -suffix.length);
      const owner = `${target}:${record.data?.port}`.toLowerCase();
      if (record.ttl === 0) listener?.released(name, owner);
      else listener?.claimed(name, owner);
    }
  }

  return {
    owner: `${host}:${description.port}`,
    probe: (name) => bonjour !== null && inside(bonjour).mdns.query(name + suffix, 'ANY'),
    announce: (name) => {
      if (bonjour === null) return;
      if (published !== null) {
        inside(bonjour).mdns.respond(published.records());
        return;
      }
      // Its own probe is off: it answers a taken name with silence.
      published = bonjour.publish({ ...description, txt: { ...description.txt }, name, host, probe: false });
    },
    withdraw: () => {
      const leaving = published;
      published = null;
      return bonjour === null || leaving === null ? Promise.resolve() : sayGoodbye(bonjour, leaving);
    },
    rejoin: () => {
      leave();
      bonjour = createInstance(logger, (reason) => listener?.failed(reason));
      inside(bonjour).mdns.on('response', heard);
    },
    addresses,
    listen: (next) => {
      listener = next;
    },
    leave,
  };
}

/** Resolves when it has left the process. Said twice, because one packet on a wireless network is easily lost. */
function sayGoodbye(bonjour: Bonjour, service: Service): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(resolve, GOODBYE_TIMEOUT_MS);
    const records = service.records().map((record) => ({ ...record, ttl: 0 }));
    service.stop(() =>
      inside(bonjour).mdns.respond(records, () => {
        clearTimeout(timeout);
        resolve();
      }),
    );
  });
}

function addresses(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const ours = all.filter((address) => !address.internal).map((address) => address.address);
  return ours.sort().join(' ');
}

function browse(clock: Clock, logger: Logger, type: string, listener: BrowseListener): Browser {
  const list = createServiceList(listener);
  const timers = new Map<string, Timer>();
  let seenAddresses = addresses();
  let bonjour: Bonjour | null = null;

  function after(name: string, delay: ReturnType<typeof ms>, callback: () => void): void {
    timers.set(name, clock.setTimer(name, delay, callback));
  }

  function join(): void {
    bonjour?.destroy();
    bonjour = createInstance(logger, (reason) => logger.warn('discovery.browse-failed', { reason }));
    const found = bonjour.find({ type });
    const seen = (service: Service) => list.seen(describe(service, type));
    found.on('up', seen);
    found.on('srv-update', seen);
    found.on('txt-update', seen);
    found.on('down', (service) => list.gone(service.name));
    askAgain(0);

    function askAgain(round: number): void {
      after('browse-again', BROWSE_AGAIN_AFTER[round] ?? BROWSE_EVERY, () => {
        found.update();
        found.expire();
        askAgain(round + 1);
      });
    }
  }

  function pollAddresses(): void {
    after('browse-addresses', BROWSE_ADDRESS_POLL_EVERY, () => {
      const now = addresses();
      if (now !== seenAddresses) {
        seenAddresses = now;
        list.beginSweep();
        after('browse-sweep', SWEEP_AFTER, () => list.endSweep());
        timers.get('browse-again')?.cancel();
        join();
      }
      pollAddresses();
    });
  }

  join();
  pollAddresses();
  return {
    stop: () => {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
      bonjour?.destroy();
      bonjour = null;
    },
  };
}

function describe(service: Service, type: string): FoundService {
  const txt: Record<string, string> = {};
  for (const [key, value] of Object.entries((service.txt ?? {}) as Record<string, unknown>)) txt[key] = String(value);
  return {
    type,
    name: service.name,
    port: service.port,
    txt,
    host: service.host,
    addresses: inOrderOfUse(service.addresses ?? [], service.referer?.address),
  };
}

/** @param sender where the answer came from: of several addresses the one that is known to reach us */
function inOrderOfUse(all: readonly string[], sender: string | undefined): string[] {
  const known = all.length === 0 && sender !== undefined ? [sender] : all;
  const rank = (address: string) => {
    if (/^(fe80:|169\.254\.)/i.test(address)) return 3;
    if (address.includes(':')) return 2;
    return address === sender ? 0 : 1;
  };
  return [...new Set(known)].sort((a, b) => rank(a) - rank(b));
}
