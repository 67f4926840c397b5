/** The page's pure modules, where a table says more than a browser does. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandId, speakerId, trackId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import type { HouseholdSnapshot, SessionView, SpeakerView } from '#protocol/wire/household';
import { phoneMessageSchema } from '#protocol/wire/phone-request';
import { parseValue } from '#protocol/wire/schema';
import { retryDelayMs } from './events.js';
import { clockTime, hueOf, initialsOf, spokenTime } from './format.js';
import { applyEvent, createSessionTime, positionNow, speakersInOrder, whereToPlay } from './household.js';
import { ANSWER_WITHIN_MS, ASK_AFTER_MS, createPulse } from './pulse.js';
import { createRequests, newRequestId } from './requests.js';
import { routeOf, searchHash } from './routes.js';
import { SHOWN_MAX, shownIds } from './showing.js';
import { sentenceFor } from './words.js';

const DURATION_MS = 300_000;

function speaker(name: string, changes: Partial<SpeakerView> = {}): SpeakerView {
  const plain = { model: 'Test', version: '1', isOnline: true, isActive: false, status: null };
  return { id: speakerId(`${name}-00000000`), name, ...plain, ...changes };
}

function session(changes: Partial<SessionView> = {}): SessionView {
  const id = trackId('0'.repeat(22));
  const names = { uri: `tonearm:track:${id}`, title: 'So What', artists: [], album: '', albumUri: '', artPath: null };
  return {
    activeSpeakerId: null,
    epoch: 0,
    playback: 'paused',
    track: { id, ...names, durationMs: ms(DURATION_MS) },
    positionMs: ms(0),
    contextUri: null,
    next: [],
    isShuffled: false,
    repeat: 'off',
    problem: null,
    ...changes,
  };
}

const SNAPSHOT: HouseholdSnapshot = {
  kind: 'householdSnapshot',
  revision: 4,
  bridge: { name: 'Test bridge', version: '1' },
  speakers: [speaker('Kitchen')],
  session: session(),
  ingest: { isRunning: false, folder: null, found: 0, done: 0, failed: 0, failures: [] },
};

describe('what is shown', () => {
  it('is what can be seen, from the top, each once, and no more than the bridge takes', () => {
    const row = (id: string | null) => ({ getAttribute: () => id });
    const [one, two, again, hidden, nameless] = [row('1'), row('2'), row('1'), row('3'), row(null)];
    expect(shownIds([two, one, again, hidden, nameless], new Set([one, two, again, nameless]))).toEqual(['2', '1']);
    const many = Array.from({ length: 50 }, (_, place) => row(String(place)));
    expect(shownIds(many, new Set(many))).toEqual(Array.from({ length: SHOWN_MAX }, (_, place) => String(place)));
  });
});

describe('household', () => {
  it('takes a snapshot and a difference that follows it, and no other', () => {
    const playing = session({ playback: 'playing' });
    const follows = { kind: 'householdDifference' as const, baseRevision: 4, revision: 5, session: playing };
    expect(applyEvent(null, SNAPSHOT)).toEqual(SNAPSHOT);
    expect(applyEvent(SNAPSHOT, follows)).toEqual({ ...SNAPSHOT, revision: 5, session: playing });
    expect(applyEvent(SNAPSHOT, { ...follows, baseRevision: 3 })).toBeNull();
    expect(applyEvent(null, follows)).toBeNull();
  });

  it('carries the position on while music plays, never past the end', () => {
    const at = (playback: SessionView['playback'], ageMs: number) =>
      positionNow(session({ playback, positionMs: ms(60_000) }), ageMs);
    expect([at('playing', 5_000), at('paused', 5_000), at('buffering', 5_000)]).toEqual([65_000, 60_000, 60_000]);
    expect([at('playing', 999_000), at('playing', -5)]).toEqual([DURATION_MS, 60_000]);
  });

  it('knows an event that was long on its way to be old, and a position from before it to be older still', () => {
    const time = createSessionTime();
    const event = { kind: 'householdDifference' as const, baseRevision: 1, revision: 2 };
    const withSession = { ...event, session: session({ playback: 'playing' }) };
    expect(time.heard({ ...SNAPSHOT, atMs: ms(1_000) }, 51_030)).toBe(51_030);
    // 20 ms faster than the snapshot: the clocks are known better, also for what came before.
    expect(time.heard({ ...event, atMs: ms(2_000) }, 52_010)).toBe(51_010);
    expect(time.heard({ ...withSession, atMs: ms(3_000) }, 57_000)).toBe(53_010);
    // News of a speaker says nothing of where the music is.
    expect(time.heard({ ...event, atMs: ms(8_000) }, 58_010)).toBe(53_010);
    // Another bridge has another clock.
    expect(time.heard({ ...SNAPSHOT, atMs: ms(9_000_000) }, 60_000)).toBe(60_000);
    expect(time.heard(withSession, 61_000)).toBe(61_000);
    expect(time.heard(event, 62_000)).toBe(61_000);
  });

  it('puts the speakers that can be used in reach', () => {
    const speakers = [
      speaker('Attic', { isOnline: false }),
      speaker('Office'),
      speaker('Bath'),
      speaker('Den', { isActive: true }),
    ];
    expect(speakersInOrder(speakers).map((it) => it.name)).toEqual(['Den', 'Bath', 'Office', 'Attic']);
  });

  it('knows where to play, or that it has to ask', () => {
    const [office, bath] = [speaker('Office'), speaker('Bath')];
    expect(whereToPlay([office, speaker('Den', { isActive: true })], null)).toEqual({ kind: 'active' });
    expect(whereToPlay([office], null)).toEqual({ kind: 'on', id: office.id });
    expect(whereToPlay([office, bath], bath.id)).toEqual({ kind: 'on', id: bath.id });
    expect(whereToPlay([office, bath], null)).toEqual({ kind: 'ask' });
    expect(whereToPlay([speaker('Attic', { isOnline: false, isActive: true })], null)).toEqual({ kind: 'none' });
  });
});

describe('format', () => {
  it('shows times as a player does', () => {
    const times = [0, 999, 65_000, 3_600_000, 3_723_999, -5].map(clockTime);
    expect(times).toEqual(['0:00', '0:00', '1:05', '1:00:00', '1:02:03', '0:00']);
  });

  it('says times in words', () => {
    expect([spokenTime(1_000), spokenTime(65_000), spokenTime(120_000)]).toEqual([
      '1 second',
      '1 minute 5 seconds',
      '2 minutes 0 seconds',
    ]);
  });

  it('draws initials of any script, and none of signs', () => {
    expect(['Kind of Blue', 'blue', '“Heroes”', '坂本 龍一', '***', '<script>'].map(initialsOf)).toEqual([
      'KO',
      'B',
      'H',
      '坂龍',
      '',
      'S',
    ]);
  });

  it('gives names that differ in one letter colours that differ', () => {
    const hues = [1, 2, 3, 4, 5, 6].map((it) => hueOf(`Collected Works, Volume ${it}`));
    expect(new Set(hues).size).toBe(6);
    expect(Math.min(...hues)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...hues)).toBeLessThan(360);
  });
});

describe('routes', () => {
  it.each([
    ['', { kind: 'albums' }],
    ['#/', { kind: 'albums' }],
    ['#/tracks', { kind: 'tracks' }],
    ['#/album/4T8XyOAVrJTIkziyDdQQxr', { kind: 'album', id: '4T8XyOAVrJTIkziyDdQQxr' }],
    ['#/album/../../etc', { kind: 'albums' }],
    ['#/search/a%20b', { kind: 'search', words: 'a b' }],
    ['#/search/%E0%A4%A', { kind: 'albums' }],
    ['#/search/', { kind: 'albums' }],
    ['#nonsense', { kind: 'albums' }],
  ])('%s', (hash, route) => {
    expect(routeOf(hash)).toEqual(route);
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (words) => {
        const trimmed = words.trim();
        expect(routeOf(searchHash(words))).toEqual(
          trimmed === '' ? { kind: 'albums' } : { kind: 'search', words: trimmed },
        );
      }),
    );
  });
});

describe('events', () => {
  it('waits longer after each loss, up to a limit, and never a fixed time', () => {
    expect([0, 1, 2, 3].map((losses) => retryDelayMs(losses, 0.5))).toEqual([150, 300, 600, 1_200]);
    expect(retryDelayMs(1_000, 0.999)).toBeLessThan(8_000);
    expect(retryDelayMs(3, 0)).toBe(0);
  });
});

describe('the pulse of a socket', () => {
  it('is asked for once in a silence, and lost when nothing comes', () => {
    const pulse = createPulse(1_000);
    const askedAt = 1_000 + ASK_AFTER_MS;
    expect([pulse.next(askedAt - 1), pulse.next(askedAt), pulse.next(askedAt + 1)]).toEqual(['wait', 'ask', 'wait']);
    expect([pulse.next(askedAt + ANSWER_WITHIN_MS - 1), pulse.next(askedAt + ANSWER_WITHIN_MS)]).toEqual([
      'wait',
      'lost',
    ]);
  });

  it('goes on with whatever comes, also late', () => {
    const pulse = createPulse(0);
    expect(pulse.next(ASK_AFTER_MS)).toBe('ask');
    const answeredAt = ASK_AFTER_MS + ANSWER_WITHIN_MS - 1;
    pulse.heard(answeredAt);
    expect(pulse.next(answeredAt + ASK_AFTER_MS - 1)).toBe('wait');
    expect(pulse.next(answeredAt + ASK_AFTER_MS)).toBe('ask');
  });
});

describe('words', () => {
  it('prefers our sentence, then the bridge’s', () => {
    expect(sentenceFor({ code: 'session.no-next-track', message: 'x' })).toBe('That was the last track.');
    expect(sentenceFor({ reason: 'NO_NEXT_TRACK', message: 'x' })).toBe('That was the last track.');
    expect(sentenceFor({ code: 'input.invalid', message: 'field "x" is odd' })).toBe('field "x" is odd');
    expect(sentenceFor({})).toBe('That did not work.');
  });
});

describe('what is asked on the socket', () => {
  const PAUSE = { kind: 'pause', speakerId: null };
  const accepted = (id: string) =>
    ({ kind: 'requestAnswer', id: commandId(id), outcome: { kind: 'accepted' } }) as const;

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is said as the contract has it, each under an id of its own', () => {
    const sent: string[] = [];
    const [id, other] = [newRequestId(), newRequestId()];
    void createRequests().ask((text) => sent.push(text), id, PAUSE);
    expect(parseValue(phoneMessageSchema, JSON.parse(sent[0] ?? ''), 'the message').ok).toBe(true);
    expect(id).not.toBe(other);
  });

  it('is settled by its own answer, whichever comes first, and leaves no timer', async () => {
    const requests = createRequests();
    const one = requests.ask(() => {}, 'request-one', PAUSE);
    const two = requests.ask(() => {}, 'request-two', PAUSE);
    const error = { code: 'session.busy', message: 'busy' } as const;
    requests.answered({ ...accepted('request-two'), outcome: { kind: 'refused', error } });
    requests.answered(accepted('request-zero'));
    requests.answered(accepted('request-one'));
    expect(await one).toEqual({ kind: 'accepted' });
    expect(await two).toEqual({ kind: 'refused', error });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told that its socket has ended, or that nobody answers', async () => {
    const requests = createRequests();
    const lost = requests.ask(() => {}, 'request-one', PAUSE);
    requests.lost();
    expect(await lost).toEqual({ kind: 'lost' });
    const late = requests.ask(() => {}, 'request-two', PAUSE);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await late).toEqual({ kind: 'unanswered' });
    requests.answered(accepted('request-two'));
    expect(vi.getTimerCount()).toBe(0);
  });
});
