/**
 * What a browser of the network has told its listener: each service once, and again only when it has changed.
 *
 * mDNS repeats itself by design (announcements, answers to others' questions); listeners act on what is said, so they
 * are told news only. After a change of network the old knowledge is swept: what does not show up again is lost.
 */
import type { BrowseListener, FoundService } from '#protocol/ports/discovery';

/** Services of one type that are kept; more on one network is an attack or a fault. */
export const SERVICES_MAX = 1_000;

export interface ServiceList {
  seen(service: FoundService): void;
  gone(name: string): void;
  /** From here on, what is seen counts as seen again. */
  beginSweep(): void;
  /** Loses what was not seen since `beginSweep`. */
  endSweep(): void;
}

export function createServiceList(listener: BrowseListener): ServiceList {
  const known = new Map<string, { readonly facts: string; isSeen: boolean }>();
  return {
    seen: (service) => {
      const facts = JSON.stringify(service);
      const before = known.get(service.name);
      if (before === undefined && known.size >= SERVICES_MAX) return;
      known.set(service.name, { facts, isSeen: true });
      if (before?.facts !== facts) listener.found(service);
    },
    gone: (name) => {
      if (known.delete(name)) listener.lost(name);
    },
    beginSweep: () => {
      for (const entry of known.values()) entry.isSeen = false;
    },
    endSweep: () => {
      for (const [name, entry] of [...known]) {
        if (entry.isSeen) continue;
        known.delete(name);
        listener.lost(name);
      }
    },
  };
}
