/** The page's pure modules, where a table says more than a browser does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '#protocol/vocabulary/units';
import {
  applyHouseholdEvent,
  positionNow as positionNowOfTheCommandLine,
} from '../command-line/bridge/household-mirror.ts';
import { household, session, speaker, track } from '../command-line/household.fixture.ts';
import { clockTime as clockTimeOfTheCommandLine } from '../command-line/screen/describe-session.ts';
import { retryDelayMs } from './events.js';
import { clockTime, hueOf, initialsOf, spokenTime } from './format.js';
import { applyEvent, positionNow, speakersInOrder, whereToPlay } from './household.js';
import { routeOf, searchHash } from './routes.js';
import { sentenceFor } from './words.js';

describe('household', () => {
  it('takes a difference that follows, as the command line does, and no other', () => {
    const before = household({ revision: 4 });
    const follows = {
      kind: 'householdDifference' as const,
      baseRevision: 4,
      revision: 5,
      session: session({ playback: 'playing' }),
    };
    const joined = applyHouseholdEvent(before, follows);
    expect(applyEvent(before, follows)).toEqual(joined.ok ? joined.value : joined.error);
    expect(applyEvent(before, { ...follows, baseRevision: 3 })).toBeNull();
    expect(applyEvent(null, follows)).toBeNull();
  });

  it('carries the position on as the command line does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('playing', 'paused', 'buffering', 'stopped'),
        fc.nat({ max: 400_000 }),
        fc.nat({ max: 400_000 }),
        (playback, positionMs, ageMs) => {
          const view = session({ playback, positionMs: ms(positionMs), track: track('So What') });
          expect(positionNow(view, ageMs)).toBe(positionNowOfTheCommandLine(view, ms(ageMs)));
        },
      ),
    );
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
  it('shows times as the command line does', () => {
    fc.assert(
      fc.property(fc.nat({ max: 86_400_000 }), (time) => {
        expect(clockTime(time)).toBe(clockTimeOfTheCommandLine(ms(time)));
      }),
    );
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

describe('words', () => {
  it('prefers our sentence, then the bridge’s', () => {
    expect(sentenceFor({ code: 'session.no-next-track', message: 'x' })).toBe('That was the last track.');
    expect(sentenceFor({ reason: 'NO_NEXT_TRACK', message: 'x' })).toBe('That was the last track.');
    expect(sentenceFor({ code: 'input.invalid', message: 'field "x" is odd' })).toBe('field "x" is odd');
    expect(sentenceFor({})).toBe('That did not work.');
  });
});
