/**
 * Who says that something about the machine's network has changed, and not what. Apart from who looks what it is, so that
 * a test can say it too.
 */
export interface NetworkEar {
  /** @returns null where nothing of the kind can be heard. The listener is never called before this has returned. */
  open(listener: NetworkEarListener): OpenNetworkEar | null;
}

export interface NetworkEarListener {
  /** A link or an address may have changed; once for many changes in a row. */
  heard(): void;
  /** Nothing more will be heard. It is still to be closed. */
  ended(): void;
}

export interface OpenNetworkEar {
  /** No call follows. Twice is harmless. */
  close(): void;
}
