/** Which contract two processes speak. Spec section 2. */

/** WebSocket subprotocol of the Connect socket. A number in it changes only when old peers could not talk at all. */
export const CONNECT_SUBPROTOCOL = 'tonearm.connect.v1';
/** Offered beside it by a speaker that knows the message `challenge`; never chosen. */
export const CHALLENGE_SUBPROTOCOL = 'tonearm.challenge.v1';
export const EVENTS_SUBPROTOCOL = 'tonearm.events.v1';
/** Version inside `hello`; a bridge refuses a speaker whose version it does not list, with close code 4002. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_VERSIONS_ACCEPTED: readonly number[] = [1];

/** Paths at the bridge, and the port that it takes unless told otherwise. */
export const CONNECT_PATH = '/connect/v1';
export const EVENTS_PATH = '/events/v1';
export const MANIFEST_PATH = '/content/v1/manifests';
export const FILE_PATH = '/content/v1/files';
/** The first segments of a file as one small object, kept and served apart from the rest. */
export const HEAD_PATH = '/content/v1/heads';
/** Public keys of content tokens, a JSON Web Key Set (RFC 7517). */
export const CONTENT_KEYS_PATH = '/content/v1/keys';
/** What has been revoked, for edges to poll. Spec section 8.8. */
export const REVOCATIONS_PATH = '/content/v1/revocations';
/** Answers 204 or 403 for the token and path of another server's request (nginx `auth_request`). */
export const AUTHORISE_PATH = '/content/v1/authorise';
/** Where a speaker says how its edges did. */
export const EDGE_REPORT_PATH = '/content/v1/edge-reports';
/** The newest offer for one architecture; the map and the bytes of an artifact by its hash; where a speaker says how far it is. Spec 16. */
export const UPDATE_OFFER_PATH = '/content/v1/firmware/offers';
export const UPDATE_BLOCKS_PATH = '/content/v1/firmware/blocks';
export const UPDATE_ARTIFACT_PATH = '/content/v1/firmware/artifacts';
export const UPDATE_REPORT_PATH = '/content/v1/firmware/reports';
/** Request header in which a speaker says who it is, until it can prove it. */
export const SPEAKER_HEADER = 'tonearm-speaker';
export const BRIDGE_PORT_DEFAULT = 4747;

/** DNS-SD service types (at most 15 characters, RFC 6335). */
export const SPEAKER_SERVICE_TYPE = 'tonearm';
export const BRIDGE_SERVICE_TYPE = 'tonearm-bridge';
