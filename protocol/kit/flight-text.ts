/** A recorder's ring as the text of a flight record, with nothing in it that says whose home it was. Spec section 17. */
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import { parseMessage } from '#protocol/wire/envelope';
import { FLIGHT_FORMAT, type FlightEntry, type FlightHeader } from '#protocol/wire/flight-record';
import type { Schema } from '#protocol/wire/schema';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';
import { type Pseudonym, withoutNames } from './flight-privacy.ts';
import type { FlightEvent, HeldFlight } from './flight-recorder.ts';

/** What the recording process says of itself. */
export type FlightHead = Pick<FlightHeader, 'role' | 'version' | 'node' | 'configuration'>;

/** Said in answer to a clock, not to anything that came in. */
const UNTOLD = new Set(['heartbeat', 'heartbeatAnswer']);

/** @returns a line for the header and one for each entry, each with its line feed */
export function renderFlight(held: HeldFlight, head: FlightHead, pseudonym: Pseudonym): string {
  const { startUs, wallMs, isWhole } = held;
  const { role, version, node, configuration } = head;
  const start = { monotonicUs: Math.round(startUs), wallMs };
  const header: FlightHeader = { format: FLIGHT_FORMAT, role, version, node, start, isWhole, configuration };
  const lines = [JSON.stringify(header)];
  for (const entry of flightEntries(held, role)) {
    lines.push(JSON.stringify({ ...entry, event: withoutNames(entry.event, pseudonym) }));
  }
  return `${lines.join('\n')}\n`;
}

/** @returns what is held in the form of the record, with every name still in it */
export function flightEntries(
  { startUs, notes }: Pick<HeldFlight, 'startUs' | 'notes'>,
  role: FlightHeader['role'],
): readonly FlightEntry[] {
  return notes.flatMap(({ atUs, port, event }) => {
    const told = readText(event, role);
    if (told === null) return [];
    const t = Math.max(0, Math.round(atUs - startUs));
    // What a recording decorator notes is of the record's form; the test of each parses what comes of it.
    return [{ t, port, event: told } as FlightEntry];
  });
}

/** A message's text as the message; null where it is nothing to tell. */
function readText(event: FlightEvent, role: FlightHeader['role']): FlightEvent | null {
  const { text, ...rest } = event;
  if (typeof text !== 'string') return event;
  const isReceived = event.kind === 'received';
  const schema: Schema<{ readonly kind: string }> =
    isReceived === (role === 'speaker') ? bridgeMessageSchema : speakerMessageSchema;
  const parsed = parseMessage(schema, text, 'message');
  if (!parsed.ok) return isReceived ? { kind: 'garbled', link: rest['link'], length: text.length } : null;
  const message = parsed.value;
  if (isReceived) return { ...rest, message };
  if (UNTOLD.has(message.kind)) return null;
  // What a list holds has come in before it goes out.
  return { ...rest, message: message.kind === 'trackList' ? { ...message, trackIds: [] } : message };
}
