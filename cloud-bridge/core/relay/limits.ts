/** Every number of the relay in one place: what it bounds, and why it is what it is. */
import { bytes, ms } from '#protocol/vocabulary/units';
import { MESSAGE_LENGTH_MAX } from '#protocol/wire/envelope';
import { CONTEXT_TRACKS_MAX } from '#protocol/wire/playback-state';

/** From an open socket to its `hello`. A speaker has it ready; who has not is no speaker. */
export const HELLO_WITHIN = ms(5_000);
/** The pair of Spec section 7: two lost beats and a little before a peer is taken for dead. */
export const HEARTBEAT_EVERY = ms(20_000);
export const HEARTBEAT_DEAD_AFTER = ms(45_000);

/** Connect sockets open at once, those that have not said hello included. A home has a dozen, a chain of shops thousands. */
export const SPEAKER_LINKS_MAX = 20_000;
/**
 * Connect sockets between their opening and their welcome. A greeting takes less than a millisecond, and a speaker waits
 * 5 s for it: so many are through before the last of them gives up, on a machine five times slower too.
 */
export const GREETINGS_MAX = 1_000;
/** Who is sent away because of that comes back within so much more than `COME_BACK_AFTER`. */
export const RETURN_SPREAD = ms(8_000);
/** Speakers remembered, connected or away. */
export const KNOWN_SPEAKERS_MAX = 25_000;
/** Speakers that phones are shown: as many as fit into one event (350 characters each), with room. */
export const SPEAKERS_SHOWN_MAX = 64;
export const PHONE_LINKS_MAX = 256;
/** Requests of one phone on its socket that wait for their answers; a person makes one or two, a slider a few. */
export const PHONE_REQUESTS_PENDING_MAX = 16;
/** What one phone may say: a slider that is dragged says 60 a second. */
export const PHONE_MESSAGES_PER_SECOND_MAX = 100;
export const PHONE_MESSAGES_BURST_MAX = 300;
/** No phone waits longer, whatever it says: a hand-over that fills a buffer first is done by then. */
export const PHONE_REQUEST_DEADLINE_MAX = ms(30_000);
/**
 * Epochs that were given and are not in the store after a power cut: it is not forced to the disk at each commit, and the
 * system writes back within half a minute, in which people begin and move music a few times a second at most.
 */
export const EPOCHS_LOST_MAX = 1_000;
/** Commands of one speaker that wait for an answer; a person makes one or two. */
export const COMMANDS_PENDING_MAX = 64;
/** Requests of phones that wait for their turn. */
export const REQUESTS_WAITING_MAX = 64;
/** Command ids whose answer is kept, so that a repeated request is harmless: minutes of the busiest household. */
export const LEDGER_ENTRIES_MAX = 512;

/** Unsent bytes at which a reader is too slow: the longest list (ten parts of 25 kB), and half as much again. */
export const QUEUED_BYTES_MAX = bytes(6 * MESSAGE_LENGTH_MAX);
/** Messages of one speaker: a busy one sends ten a second; bursts come with a reconnect. */
export const MESSAGES_PER_SECOND_MAX = 100;
export const MESSAGES_BURST_MAX = 300;

/** Least time between two differences to phones, unless a command made the change: ten a second. */
export const PHONE_UPDATE_EVERY = ms(100);
/** A playing position is told this often although nothing changed: the longest that a phone is misled by a late event. */
export const PHONE_REFRESH_EVERY = ms(10_000);
/** A reported position this near to the extrapolated one is no news: the report took about that long. */
export const POSITION_TOLERATED = ms(150);
/** How long a request waits for the state that its answer announced, so that who asks next reads what was written. */
export const STATE_AFTER_ANSWER_WITHIN = ms(400);
/** What phones show is told a speaker at most this often: they scroll. */
export const HINTS_EVERY = ms(500);
/** Session changes are written to the store at most this often (what must be written before acting is not delayed). */
export const SAVE_EVERY = ms(500);
/** People whose sessions are held at once; a household has a handful, and guests. */
export const ACCOUNT_SESSIONS_MAX = 64;
/** Contexts that go by a list, beside those of the sessions themselves: some 10 MB at most. */
export const LISTS_HELD = { lists: 32, entries: 20 * CONTEXT_TRACKS_MAX } as const;
/** A context of so many tracks is told track by track: a list would save nothing. */
export const INLINE_TRACKS_MAX = 10;
/** Track summaries held: a full queue twice over. */
export const TRACK_SUMMARIES_MAX = 2_000;
/** As many as the Web API ever tells. */
export const HISTORY_ENTRIES_MAX = 50;

/** A hand-over's target has this long to fill its buffer: the whole of one slow segment fetch with a retry. */
export const PREPARE_WITHIN = ms(10_000);
/** How far ahead of the place that plays a target fills its buffer: about where the two will meet. */
export const PREPARE_AHEAD = ms(350);
/** From the word to the instant of a hand-over: both are told, answer, and lead in to it; what links take is added. */
export const MEETING_LEAD = ms(400);
/** ... at most. Who is further away is handed over to in turn. */
export const MEETING_LEAD_MAX = ms(2_000);
/** A target that has not answered so long before the instant is not waited for: the source is told to go on. */
export const CALL_OFF_BEFORE = ms(150);
/** For the source to say where it is; a link that needs longer is no link to meet over. */
export const PLACE_WITHIN = ms(500);
/** A track that ends sooner after the instant is let end first: its heir should not begin with a join. */
export const MEETING_BEFORE_END = ms(200);
/** Tracks that may end while two speakers try to meet; then one takes over from the other in turn. */
export const MEETINGS_MAX = 3;
/** What speakers say of our clock may be off from what their messages take by this much; more is another clock. */
export const CLOCK_TOLERATED = ms(1_000);
/** A target that is louder than the source was by more than this, in points of volume, begins at the source's volume. */
export const LOUDER_STEP_MAX = 10;
/** The old writer only has to fade out (10 ms); a link that needs longer is as good as gone. */
export const RELEASE_WITHIN = ms(2_000);
/** The target is ready by then; what takes time is the link. */
export const COMMIT_WITHIN = ms(4_000);

/** A bridge that ends waits so long for the answers to what was asked before: most speakers need milliseconds. */
export const LAST_ANSWERS_WITHIN = ms(2_000);
/** When speakers should come back after a bridge that ends on purpose: a restart takes about a second. */
export const COME_BACK_AFTER = ms(1_000);
/** ... and, so that they do not come all at once, within so much more for each that there is, at most. */
export const COME_BACK_SPREAD_EACH = ms(2);
export const COME_BACK_SPREAD_MAX = ms(30_000);
/** ... and after a refusal that only a person can lift. */
export const COME_BACK_MUCH_LATER = ms(60_000);
