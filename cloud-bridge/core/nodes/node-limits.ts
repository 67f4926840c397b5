/** Every number of households with several bridges in one place: what it bounds, and why it is what it is. */
import { ms } from '#protocol/vocabulary/units';

/** A holder renews, and the others look, this often. */
export const LEASE_EVERY = ms(1_000);
/** A holder whose beats stood still for so long has lost it: a pause of the process (collection, a full disk) is shorter. */
export const LEASE_LOST_AFTER = ms(4_000);
/** A holder that could not renew for so long steps down by itself, before anybody can have taken over. */
export const LEASE_HELD_FOR = ms(3_000);
/** A quiet channel says that it is there; after so long without a word it has ended. */
export const CHANNEL_BEAT_EVERY = ms(1_000);
export const CHANNEL_DEAD_AFTER = ms(4_000);
/** A request waits for a home while that changes: from a death to a take-over, and a little. */
export const HOME_AWAITED_FOR = ms(8_000);
/** Front doors of one home. */
export const CHANNELS_MAX = 16;
/** Sockets that one front door carries; each process may have as many of its own. */
export const CHANNEL_LINKS_MAX = 20_000;
/** Questions of one front door that wait for an answer. */
export const QUESTIONS_WAITING_MAX = 256;
/** What a front door waits for the session that its doors show. */
export const MIRROR_WITHIN = ms(2_000);
/** Accounts whose household a front door keeps at hand. */
export const MIRRORS_MAX = 64;
