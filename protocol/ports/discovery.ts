/**
 * Being found, and finding, on the local network (mDNS / DNS-SD).
 *
 * An advertiser keeps its name unique by itself: on a conflict it renames to "Name (2)" and says so. It announces again
 * when the machine's addresses change, and says goodbye on `stop`. A browser reports each service once per change.
 */
export interface ServiceDescription {
  /** DNS-SD type without the underscore and protocol, e.g. `tonearm` for `_tonearm._tcp`. */
  readonly type: string;
  readonly name: string;
  readonly port: number;
  /** TXT record; no secret, serial number or person's name belongs here. */
  readonly txt: Readonly<Record<string, string>>;
}

export interface FoundService extends ServiceDescription {
  readonly host: string;
  /** IPv4 first, link-local last. */
  readonly addresses: readonly string[];
}

export interface Advertiser {
  /** Starts announcing. Twice is harmless. */
  start(): void;
  /** Says goodbye and stops; resolves when the goodbye has been sent. Unstarted is harmless. */
  stop(): Promise<void>;
}

export interface AdvertiserListener {
  /** The name under which the service can now be found, after any renaming. */
  announced(name: string): void;
  failed(reason: string): void;
}

export interface Discovery {
  advertise(service: ServiceDescription, listener: AdvertiserListener): Advertiser;
  browse(type: string, listener: BrowseListener): Browser;
}

/** A search that goes on until it is stopped. */
export interface Browser {
  stop(): void;
}

/** Told once per change; `name` is the one under which the service was found. */
export interface BrowseListener {
  found(service: FoundService): void;
  lost(name: string): void;
}
