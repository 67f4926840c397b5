/**
 * A message bus with topics, as MQTT 3.1.1 has it: between bridges, and to the house. What is published arrives at
 * least once and in the publisher's order at everybody whose filter matches; nothing is kept for who is away, but the
 * last retained message of each topic, which whoever subscribes is given.
 *
 * Filters: levels between slashes, `+` for any one, `#` at the end for all that follow. A connection is told its own
 * messages too. After a loss it comes back by itself and subscribes again before it says so.
 */

export interface BusMessage {
  readonly topic: string;
  readonly text: string;
  /** It was kept by the broker and came because of a subscription: nobody has said it just now. */
  readonly isRetained: boolean;
}

/** Published, retained, by the broker in this connection's name, when it ends in any way but by `close`. */
export interface BusWill {
  readonly topic: string;
  readonly text: string;
}

export interface BusSubscription {
  /** Nothing is delivered afterwards. Twice is harmless. */
  end(): void;
}

export interface Bus {
  /** Queues one message; an empty retained one removes what was kept. False: not connected, or too much waits; it is not sent. */
  publish(topic: string, text: string, options?: { readonly isRetained: boolean }): boolean;
  /** The filters of one connection must not overlap: a broker may deliver once for each. */
  subscribe(filter: string, listener: (message: BusMessage) => void): BusSubscription;
  /** Told in the next turn how it is, and from then on at each change. */
  watch(listener: (isConnected: boolean) => void): BusSubscription;
  /** Bytes accepted by `publish` that the broker has not acknowledged yet. */
  queuedBytes(): number;
  /** Says goodbye, so that no will is published; nothing is delivered afterwards. Twice is harmless. */
  close(): Promise<void>;
}
