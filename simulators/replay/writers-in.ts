/** Whom a bridge made the writer of which epoch: one at most of each, of one account. */
import type { FlightEntry } from '#protocol/wire/flight-record';

/** @returns promises that were broken, in words */
export function writersIn(said: readonly FlightEntry[]): readonly string[] {
  const speakers = new Map<number, string>();
  const writers = new Map<unknown, string>();
  const problems: string[] = [];
  for (const { port, event } of said) {
    if (port !== 'link') continue;
    if (event.kind === 'received' && event.message.kind === 'hello') {
      const { speaker } = event.message;
      const id = typeof speaker === 'object' && speaker !== null && 'id' in speaker ? String(speaker.id) : '';
      speakers.set(event.link, id);
    }
    if (event.kind !== 'sent' || event.message.kind !== 'welcome' || event.message['role'] !== 'active') continue;
    const { epoch } = event.message;
    const id = speakers.get(event.link) ?? '';
    const before = writers.get(epoch) ?? id;
    writers.set(epoch, id);
    if (before !== id) problems.push(`two speakers are welcomed as the writer of epoch ${String(epoch)}`);
  }
  return problems;
}
