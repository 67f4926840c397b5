import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPseudonym } from '#protocol/adapters/flight-box';
import { loadGoldenVectors } from '#protocol/adapters/golden-vectors';
import { bridgeMessageSchema } from '#protocol/wire/bridge-message';
import { parseMessage } from '#protocol/wire/envelope';
import { parseFlightRecord } from '#protocol/wire/flight-record';
import type { Schema } from '#protocol/wire/schema';
import { speakerMessageSchema } from '#protocol/wire/speaker-message';
import { VirtualClock } from '#sim/world/virtual-clock';
import { withoutNames } from './flight-privacy.ts';
import { FlightRecorder, type Noted } from './flight-recorder.ts';
import { renderFlight } from './flight-text.ts';

const HEAD = { role: 'speaker', version: '0', node: 'v24', configuration: {} } as const;
/** What people call themselves, their rooms and their music, and what opens their doors. */
const personal = fc.oneof(
  fc.stringMatching(/^[A-Z][a-zé]{4,12}( [A-Z][a-z]{3,12}){0,2}$/),
  fc.stringMatching(/^[0-9A-Za-z]{22}$/),
  fc.stringMatching(/^[0-9A-Za-z_-]{43}$/),
  fc.stringMatching(/^(ws|https):\/\/[a-z]{5,9}\.[a-z]{4,6}:[0-9]{4}\/[a-z]{5,9}$/),
  fc.stringMatching(/^192\.168\.[1-9][0-9]\.[1-9][0-9]$/),
  fc.stringMatching(/^spotify:track:[0-9A-Za-z]{22}$/),
  fc.stringMatching(/^[a-z]{5,9}@[a-z]{5,9}\.example$/),
);

/** A note on every port in which something personal can stand. */
function notesOf(text: string): readonly Omit<Noted, 'atUs'>[] {
  const command = { kind: 'command', id: 'command-1', epoch: 1, deadlineMs: 1, body: { kind: 'pause' } };
  const error = { code: 'internal.bug', message: text };
  return [
    { port: 'settings', event: { kind: 'loaded', settings: { name: text, speakerId: text, resumeToken: text } } },
    {
      port: 'memory',
      event: { kind: 'recalled', playback: { session: { accountId: text, queue: { contextUri: text } } } },
    },
    {
      port: 'ownership',
      event: { kind: 'loaded', ownership: { householdId: text, addresses: [text], tlsPin: new Uint8Array(32) } },
    },
    {
      port: 'discovery',
      event: {
        kind: 'found',
        service: { name: text, host: text, addresses: [text], txt: { id: text, model: text, more: text, path: text } },
      },
    },
    { port: 'dialer', event: { kind: 'dialled', attempt: 1, address: text, isPinned: true } },
    { port: 'link', event: { kind: 'received', link: 1, text } },
    {
      port: 'link',
      event: { kind: 'received', link: 1, text: JSON.stringify({ ...command, [text]: text, note: text }) },
    },
    { port: 'engine', event: { kind: 'told', intent: { kind: 'setBridge', url: text, accessToken: text } } },
    { port: 'engine', event: { kind: 'told', intent: { kind: 'say', code: text } } },
    { port: 'engine', event: { kind: 'said', event: { kind: 'failed', trackId: text, error } } },
    { port: 'door', event: { kind: 'asked', path: text, isDone: true } },
    {
      port: 'household',
      event: { kind: 'asked', request: 1, what: { kind: text }, how: { commandId: text, reason: text } },
    },
    { port: 'household', event: { kind: 'renamed', speakerId: text, name: text } },
    { port: 'paired', event: { kind: 'found', id: text, speaker: { name: text, ownerId: text } } },
  ];
}

describe('a flight record', () => {
  it('holds nothing personal, whatever came in and wherever', () => {
    fc.assert(
      fc.property(personal, (text) => {
        const recorder = new FlightRecorder(new VirtualClock());
        for (const { port, event } of notesOf(text)) recorder.note(port, { ...event });
        const written = renderFlight(recorder.held(), HEAD, createPseudonym());
        expect(written).not.toContain(text);
        for (const word of text.split(/[^0-9A-Za-z_-]+/).filter(({ length }) => length > 6)) {
          if (word !== 'spotify') expect(written).not.toContain(word);
        }
        const parsed = parseFlightRecord(written);
        if (!parsed.ok) throw parsed.error;
      }),
      { numRuns: 300 },
    );
  });

  it.each<['speaker' | 'bridge', Schema<unknown>]>([
    ['speaker', bridgeMessageSchema],
    ['bridge', speakerMessageSchema],
  ])('leaves every message at the door of a %s one that can be read, and means the same', (door, schema) => {
    const pseudonym = createPseudonym();
    for (const { name, text } of loadGoldenVectors(door).valid) {
      const message = parseMessage(schema, text, name);
      if (!message.ok) throw message.error;
      const stripped = parseMessage(schema, JSON.stringify(withoutNames(message.value, pseudonym)), name);
      if (!stripped.ok) throw stripped.error;
      expect(kindsIn(stripped.value), name).toEqual(kindsIn(message.value));
    }
  });

  it('gives one text one name within a recording, and another in the next', () => {
    const [one, two] = [createPseudonym(), createPseudonym()];
    expect(withoutNames({ a: 'Anna', b: ['Anna'] }, one)).toEqual({
      a: withoutNames('Anna', one),
      b: [withoutNames('Anna', one)],
    });
    expect(withoutNames('Anna', one)).not.toEqual(withoutNames('Anna', two));
  });

  it('names an address alike by whichever scheme it is written', () => {
    const pseudonym = createPseudonym();
    const [link, door] = ['ws://attic:4747', 'http://attic:4747'].map((it) => String(withoutNames(it, pseudonym)));
    expect(door).toBe(link?.replace('ws:', 'http:'));
  });
});

/** What a decision hangs on: kinds, numbers and switches, in their places. */
function kindsIn(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    typeof inner === 'string' && key !== 'kind' && key !== 'code' ? '' : inner,
  );
}
