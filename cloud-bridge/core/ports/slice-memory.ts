/** Slices in memory, bounded in bytes, the least recently used go first. Synchronous: what is here costs nothing to serve. */
export interface SliceMemory {
  get(key: string): MemorySlice | undefined;
  set(key: string, slice: MemorySlice): void;
  sizeBytes(): number;
}

export interface MemorySlice {
  readonly data: Uint8Array;
  /** Uses since it came; the disk hears of some of them. */
  uses: number;
  /** What follows it has been seen to. */
  isFollowed: boolean;
}
