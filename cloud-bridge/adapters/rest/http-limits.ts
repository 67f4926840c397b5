/** The HTTP doors' numbers: what each bounds, and why it is what it is. */
import { ms } from '#protocol/vocabulary/units';

/** The largest body is a list of 1,000 track URIs (45 kB). */
export const BODY_BYTES_MAX = 64 * 1024;
/** From a request's first byte to its last: bodies are small, so who needs longer is holding a socket on purpose. */
export const REQUEST_WITHIN_MS = 15_000;
export const HEADERS_WITHIN_MS = 10_000;
/** How often it is looked whose time is over. */
export const LATE_FOUND_WITHIN_MS = 2_000;
/** Connections that the kernel holds until they are taken: all speakers of a large site, when their bridge comes back. */
export const BACKLOG_MAX = 4_096;
/** Open TCP connections, sockets of speakers and phones included. */
export const CONNECTIONS_MAX = 26_000;
/** A reader of a file that takes nothing for this long is cut, and its file closed. */
export const CONTENT_STALLED_AFTER = ms(30_000);
/** How long a phone's command may take: a hand-over fills a buffer first. */
export const REQUEST_DEADLINE = ms(12_000);
/** Items of one page: the Web API's limit, and our own. */
export const WEB_API_ITEMS_MAX = 50;
export const WEB_API_ITEMS_DEFAULT = 20;
export const WEB_API_PLAYLIST_ITEMS_MAX = 100;
/** How far into a list a page may begin. */
export const OFFSET_MAX = 10_000_000;
export const SEARCH_LENGTH_MAX = 200;
/** Paths that an ingest may be asked for: the longest that Linux takes. */
export const FOLDER_LENGTH_MAX = 4_096;
/** Files and heads sent at once: each holds some 100 kB of buffers, and a speaker asks for few at a time. */
export const CONTENT_RESPONSES_MAX = 256;
/** Who is sent away with `content.overloaded` comes back after 1 s to this many, at random. */
export const OVERLOADED_RETRY_AFTER_MAX_S = 5;
