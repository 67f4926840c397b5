/**
 * Names of a virtual network, and what may be wrong with asking for them. Who asks goes on with what a name meant last, as
 * the product's own lookup does (`protocol/adapters/patient-lookup.ts`, whose own tests show that it does).
 */
import { type Ms, ms } from '#protocol/vocabulary/units';

/** A name's server on the same network, or the router's cache. */
const ANSWERS_AFTER: Ms = ms(2);
/** A resolver asks a failing server some times before it says so. */
const FAILS_AFTER: Ms = ms(800);
/** A system's resolver whose servers do not answer. */
const SILENT_FOR: Ms = ms(30_000);
/** When who knows an older meaning stops waiting for a newer one. */
const PATIENCE: Ms = ms(1_500);

/** What asking for a name comes to. `wrong`: another host, as behind a captive portal or after a move. */
export type NameTrouble =
  | { readonly kind: 'not-found' }
  | { readonly kind: 'fails' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'wrong'; readonly host: string };

export interface NameAnswer {
  /** The address asked for, by number; null: nobody knows it. */
  readonly address: string | null;
  readonly takes: Ms;
}

export class VirtualNames {
  readonly #hosts = new Map<string, string>();
  readonly #troubles = new Map<string, NameTrouble>();
  /** By who asked and what for: its last meaning. */
  readonly #known = new Map<string, string>();

  /** @param host its address; may be set anew when it has moved */
  set(name: string, host: string): void {
    this.#hosts.set(name, host);
  }

  /** @param trouble null: all is well again */
  trouble(name: string, trouble: NameTrouble | null): void {
    if (trouble === null) this.#troubles.delete(name);
    else this.#troubles.set(name, trouble);
  }

  /** Every name that there is. */
  names(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  /** The process at a place is another one: it knows nothing of what the last had asked. */
  forget(place: string): void {
    for (const key of [...this.#known.keys()]) if (key.startsWith(`${place} `)) this.#known.delete(key);
  }

  /** @param address a URL; one whose host is no name of this network means itself, at once */
  lookUp(place: string, address: string): NameAnswer {
    const [, before = '', name = '', after = ''] = /^(\w+:\/\/)([^:/]+)(.*)$/.exec(address) ?? [];
    const host = this.#hosts.get(name);
    if (host === undefined) return { address, takes: ms(0) };
    const { host: meant, takes } = this.#meaning(`${place} ${name}`, host, this.#troubles.get(name));
    return { address: meant === null ? null : `${before}${meant}${after}`, takes };
  }

  #meaning(key: string, host: string, trouble: NameTrouble | undefined): { host: string | null; takes: Ms } {
    const known = this.#known.get(key) ?? null;
    switch (trouble?.kind) {
      case 'not-found':
        return { host: known, takes: ANSWERS_AFTER };
      case 'fails':
        return { host: known, takes: FAILS_AFTER };
      case 'silent':
        return { host: known, takes: known === null ? SILENT_FOR : PATIENCE };
      default: {
        const meant = trouble?.host ?? host;
        this.#known.set(key, meant);
        return { host: meant, takes: ANSWERS_AFTER };
      }
    }
  }
}
