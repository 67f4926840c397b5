/** What a speaker that runs and a command beside it agree on: a file in its folder, and what may be asked with its key. */

/** Holds the port of the speaker's own door, and the key for what only its machine may ask. */
export const DOOR_FILE = 'door.json';
/** Opens the pairing window; answers with the code. */
export const OPEN_PATH = '/v1/pairing/open';
/** Promises a factory reset and ends the speaker; whoever claims its folder next keeps the promise. */
export const RESET_PATH = '/v1/reset';
/** Takes `{ file, mayBeOlder }`, the path of a packed release, and whether one older than was seen will do; answers when it is ready, or with why not. */
export const UPDATE_PATH = '/v1/update';
/** Shows that the speaker's key is its own, for a link; takes `{ token }`. */
export const PROVE_PATH = '/v1/pairing/prove';
/** Hands the speaker to the house that took it in by a link. */
export const ADOPT_PATH = '/v1/pairing/adopt';
/** Has the flight recorder write what it holds; answers with the file. Only where it is on. */
export const FLIGHT_PATH = '/tonearm/v1/flight-record';
/** Says what the speaker is called, and its id; refuses where it has an owner. */
export const NAME_PATH = '/v1/pairing/name';
