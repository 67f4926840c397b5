/**
 * What the connection tells whoever looks after updates: that there is something to look at, and where. Absent where a
 * speaker takes none, as from a source tree.
 */
import type { SpeakerId } from '#protocol/vocabulary/ids';
import type { Arch } from '#protocol/wire/update';

/** Where the bridge is asked, and what shows that it is this speaker that asks. */
export interface BridgeAccess {
  /** `http:` or `https:`, without a path. */
  readonly url: string;
  readonly speakerId?: SpeakerId;
  /** Whose key must answer by TLS; absent: none is pinned. */
  readonly pin?: Uint8Array;
  readonly accessToken?: string;
}

export interface UpdateListener {
  /** For the bridge, in hello. */
  readonly takes: { readonly arch: Arch; readonly seq: number };
  /** There is something to look at; said by whoever the bridge is, so nothing of it is believed. */
  offered(): void;
  /** The bridge that may be asked from now on. */
  bridgeIs(access: BridgeAccess): void;
}
