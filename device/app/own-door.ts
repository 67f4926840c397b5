/** What a speaker that runs and a command beside it agree on: a file in its folder, and what may be asked with its key. */

/** Holds the port of the speaker's own door, and the key for what only its machine may ask. */
export const DOOR_FILE = 'door.json';
/** Opens the pairing window; answers with the code. */
export const OPEN_PATH = '/v1/pairing/open';
