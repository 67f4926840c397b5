import { beforeAll, describe, expect, it } from 'vitest';
import { type FlightRecord, parseFlightRecord } from '#protocol/wire/flight-record';
import { type RecordedEvening, recordEvening } from './recorded-evening.ts';
import { replay } from './replay.ts';

describe('an evening of real processes, recorded', { timeout: 120_000 }, () => {
  let evening: RecordedEvening;
  beforeAll(async () => {
    evening = await recordEvening();
  }, 120_000);

  it.each(['speaker', 'bridge'] as const)('is decided by the %s as it was', async (role) => {
    const outcome = await replay(read(evening[role]));
    expect(outcome.problems).toEqual([]);
    expect(outcome.divergences).toEqual([]);
    const words = outcome.now.map((it) => it.words);
    if (role === 'speaker') {
      expect(words).toContain('has its sound seek');
      // Its bridge was killed while it played, and came back.
      expect(words.filter((it) => it === 'says hello, and that it plays')).toHaveLength(1);
      expect(words.at(-1)).toMatch(/^answers command \d+: done$/);
    } else expect(words).toEqual(expect.arrayContaining(['answers next: done', 'answers pause: done']));
  });

  it('says how the music came to the speaker, and how its loudspeaker did', () => {
    const { entries } = read(evening.speaker);
    const kinds = new Set(entries.map(({ port, event }) => `${port} ${event.kind}`));
    for (const kind of ['fetch manifest', 'fetch range', 'sink opened', 'sink reported']) expect(kinds).toContain(kind);
  });

  it.each(['speaker', 'bridge'] as const)('says nothing of whose %s it was', (role) => {
    expect(read(evening[role]).header).toMatchObject({ role, isWhole: true });
    for (const name of [...evening.names, '127.0.0.1', 'Kitchen', 'Test bridge', 'ong of the']) {
      expect(evening[role]).not.toContain(name);
    }
  });
});

function read(text: string): FlightRecord {
  const parsed = parseFlightRecord(text);
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}
