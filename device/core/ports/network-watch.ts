/** Hears of it when the machine's own addresses change: a cable, another radio network, an address given anew. */
export interface NetworkWatch {
  /** @param changed called a second after a change at most, once for each; never when nothing has changed */
  watch(changed: () => void): NetworkWatching;
}

export interface NetworkWatching {
  /** No call follows. Twice is harmless. */
  stop(): void;
}
