/** What a speaker's doctor has read of its machine; null where the machine does not say. */

export interface DiskReport {
  readonly folder: string;
  readonly freeBytes: number;
  /** Of what is kept of music; 0: nothing is. */
  readonly cacheLimitBytes: number;
  readonly cacheBytes: number;
}

/** A flash card that keeps count: JEDEC's two estimates in tenths of its life, 1 the first tenth, 11 beyond its end. */
export interface WearReport {
  readonly device: string;
  readonly tenths: number;
}

export interface HeatReport {
  /** Of the hottest zone. */
  readonly celsius: number | null;
  /** The bits of a Raspberry Pi's firmware. */
  readonly throttled: number | null;
}

export interface ClockReport {
  readonly wallMs: number;
  readonly isSynchronised: boolean | null;
}

export interface NetworkReport {
  /** Those by which others reach it. */
  readonly addresses: readonly string[];
  readonly hasDefaultRoute: boolean | null;
}

export interface MemoryReport {
  readonly availableBytes: number | null;
  /** Of the speaker that runs. */
  readonly residentBytes: number | null;
}

export interface SlotReport {
  readonly slot: string;
  readonly version: string | null;
  /** Whether the program is what its description says, by its hash; null: nothing describes it. */
  readonly isWhole: boolean | null;
  readonly outcome: 'none' | 'trying' | 'good' | 'rolled-back' | null;
  /** Why the keys that it trusts cannot be used; null: they can. */
  readonly keysProblem: string | null;
}
