import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../command-failure.ts';
import { speaker } from '../household.fixture.ts';
import { chooseSpeaker, speakerToStart } from './choose-speaker.ts';

const KITCHEN = speaker('Kitchen', { isActive: true });
const OFFICE = speaker('Office');
const ATTIC = speaker('Attic', { isOnline: false });

function refusal(run: () => unknown): string {
  try {
    return `chose ${JSON.stringify(run())}`;
  } catch (thrown) {
    if (!(thrown instanceof CommandFailure)) throw thrown;
    return `${thrown.exitCode} ${thrown.error.code}: ${thrown.message}; ${thrown.nextStep}`;
  }
}

describe('chooseSpeaker', () => {
  it('finds one by the beginning of its name', () => {
    expect(chooseSpeaker([KITCHEN, OFFICE], 'off')).toBe(OFFICE);
  });

  it('suggests the nearest name, with exit code 2', () => {
    expect(refusal(() => chooseSpeaker([KITCHEN, OFFICE], 'ofice'))).toMatch(/^2 .*did you mean Office\?/);
  });

  it('lists those that fit equally, with exit code 2', () => {
    const speakers = [speaker('Bedroom Left'), speaker('Bedroom Right')];
    expect(refusal(() => chooseSpeaker(speakers, 'bed'))).toMatch(/^2 .*Bedroom Left \(.*\), Bedroom Right/);
  });

  it('takes the only one online of those that fit', () => {
    const old = speaker('Kitchen', { isOnline: false });
    expect(chooseSpeaker([old, KITCHEN, OFFICE], 'kit')).toBe(KITCHEN);
  });

  it('refuses one that is offline, with exit code 1', () => {
    expect(refusal(() => chooseSpeaker([KITCHEN, ATTIC], 'attic'))).toMatch(
      /^1 session.speaker-not-found: Attic is offline/,
    );
  });
});

describe('speakerToStart', () => {
  it('leaves the choice to the bridge while a speaker is active', () => {
    expect(speakerToStart([KITCHEN, OFFICE])).toBeNull();
  });

  it('takes the only one online, and asks when there are several or none', () => {
    expect(speakerToStart([OFFICE, ATTIC])).toBe(OFFICE);
    expect(refusal(() => speakerToStart([OFFICE, speaker('Bath')]))).toMatch(/^2 .*say which: --on "Office"/);
    expect(refusal(() => speakerToStart([ATTIC]))).toMatch(/^1 session.no-active-speaker/);
  });
});
