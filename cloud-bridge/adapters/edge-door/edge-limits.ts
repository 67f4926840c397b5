/** The edge door's numbers: what each bounds, and why it is what it is. */

/** Open connections: ten thousand speakers that read slowly, and room for who watches it. Some 20 kB each. */
export const CONNECTIONS_MAX = 12_000;
/** A request is a line and six headers; who needs longer is holding a connection on purpose. */
export const HEADERS_WITHIN_MS = 10_000;
export const HEADER_BYTES_MAX = 8 * 1024;
/** A speaker asks again every few seconds while it fills, and every minute while it plays. */
export const KEEP_ALIVE_MS = 75_000;
/**
 * A long answer is written in pieces of this size, each a copy: what waits for a slow reader is then a piece and not the
 * slice it is cut from.
 */
export const PIECE_BYTES = 16 * 1024;
/** When many wait, so little for each; more calls to the system, and a quarter of the memory. */
export const CROWDED_PIECE_BYTES = 4 * 1024;
/** An answer up to this size whose slices are in memory is written at once and without a copy. */
export const AT_ONCE_BYTES_MAX = 256 * 1024;
/** How often stalled readers are looked for. */
export const STALLED_LOOK_MS = 1_000;
