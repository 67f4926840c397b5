/** Every number of the MQTT adapters in one place: what it bounds, and why it is what it is. */
import { bytes, ms } from '#protocol/vocabulary/units';

/** Clients of the embedded broker: a house has Home Assistant and some switches. */
export const BROKER_CLIENTS_MAX = 32;
/** A packet that a client sends: the longest command four times over. */
export const BROKER_PACKET_BYTES_MAX = bytes(4_096);
/** Packets of one client: Home Assistant subscribes to hundreds of topics in its first second, in batches. */
export const BROKER_PACKETS_PER_SECOND = 50;
export const BROKER_PACKETS_BURST = 2_000;
/** Topics that one client hears: Home Assistant subscribes to each entity's alone, 20 a speaker. */
export const BROKER_SUBSCRIPTIONS_MAX = 2_048;
export const BROKER_CONNECT_WITHIN = ms(5_000);
/** A client that takes nothing for so long is cut; others wait for it until then. */
export const BROKER_DRAIN_WITHIN = ms(5_000);
/** Packets that come before a client is let in, and QoS 2 messages that it has half sent. */
export const BROKER_QUEUE_MAX = 64;
export const BROKER_INFLIGHT_MAX = 32;
/** Failed sign-ins of one address before it waits, and how long: a person who mistypes, not a program that tries. */
export const BROKER_FAILURES_MAX = 10;
export const BROKER_LOCKED_FOR = ms(60_000);
export const BROKER_ADDRESSES_MAX = 256;
export const CLIENT_ID_LENGTH_MAX = 128;

/** A message that comes to the bridge: the longest that bridges say to each other, sealed. */
export const BUS_TEXT_LENGTH_MAX = 1_024 * 1_024;
/** Unacknowledged bytes at which `publish` refuses. */
export const BUS_QUEUED_BYTES_MAX = bytes(4 * 1_024 * 1_024);
/** Between attempts to reach a broker that is away. */
export const BUS_RECONNECT_AFTER = ms(1_000);
export const BUS_CONNECT_WITHIN = ms(5_000);
/** Asked this often whether the broker is there; after one and a half times this without a word it publishes the will. */
export const BUS_KEEPALIVE_S = 10;
/** A goodbye needs a round trip; a broker that is away gets none. */
export const BUS_FAREWELL_WITHIN = ms(500);
