/** Every number of the house's side of MQTT in one place: what it bounds, and why it is what it is. */
import { bytes, ms } from '#protocol/vocabulary/units';

/** A command that says no expiry: as long as a request over HTTP has. */
export const COMMAND_WITHIN = ms(12_000);
/** Commands under way; more are refused. A house's automations send a handful. */
export const COMMANDS_RUNNING_MAX = 32;
/** Commands of all who send any: an automation that loops is cut down to this. */
export const COMMANDS_PER_SECOND_MAX = 20;
export const COMMANDS_BURST_MAX = 100;
/** Answers kept for a command without one of the household's own, so that a repeated id is harmless. */
export const ANSWERS_KEPT_MAX = 512;
/** What a speaker that was muted before anybody here saw its volume is set to: soft, so that nobody is startled. */
export const UNMUTED_VOLUME = 10;
/** Topics published and remembered: 64 speakers with 14 each, and what Home Assistant is told. */
export const TOPICS_KEPT_MAX = 1_200;
/** Own messages whose echo has not come yet, of one topic. */
export const ECHOES_AWAITED_MAX = 8;
/** Foreign messages on our topics that are put right in a second; somebody who goes on is left alone until the next. */
export const REPAIRS_PER_SECOND_MAX = 10;
export const REPAIRS_BURST_MAX = 40;
/** A larger picture is not published: each is kept by the broker, once for each speaker. */
export const COVER_BYTES_MAX = bytes(160 * 1024);
/** Albums offered as sources, the newest in the library first: as many as a list on a screen is of use. */
export const SOURCES_MAX = 40;
/** Home Assistant says that it is up before its entities listen, and a house has several speakers. */
export const ANNOUNCE_AFTER = ms(1_000);
