import { describe, expect, it } from 'vitest';
import { speakerId } from '#protocol/vocabulary/ids';
import { SPEAKERS_SHOWN_MAX } from './limits.ts';
import { chooseShown, type ShowableSpeaker, ShownSpeakers } from './shown-speakers.ts';

class Shown implements ShowableSpeaker {
  readonly name: string;
  readonly known: ShowableSpeaker['known'];
  link: object | null;
  #views = new Map<string, ReturnType<ShowableSpeaker['view']>>();

  constructor(name: string, isOnline = true) {
    this.name = name;
    this.known = { id: speakerId(name.padEnd(12, '_')) };
    this.link = isOnline ? {} : null;
  }

  view(isActive: boolean) {
    const key = `${isActive} ${this.link !== null}`;
    const view = this.#views.get(key) ?? {
      id: this.known.id,
      name: this.name,
      model: 'm',
      version: '0',
      isOnline: this.link !== null,
      isActive,
      status: null,
    };
    this.#views.set(key, view);
    return view;
  }
}

const many = (count: number, isOnline: (n: number) => boolean = () => true) =>
  Array.from({ length: count }, (_, n) => new Shown(String(n).padStart(5, '0'), isOnline(n)));

describe('the speakers that phones are shown', () => {
  it('are all of a home, in order, whether they are there or not', () => {
    const home = many(SPEAKERS_SHOWN_MAX, (n) => n % 2 === 0);
    expect(chooseShown(home, home[5] ?? null)).toEqual(home);
  });

  it('are the active one and who is connected first where they are too many', () => {
    const house = many(1_000, (n) => n >= 500 && n < 540);
    const names = chooseShown(house, house[999] ?? null).map((it) => Number(it.name));
    expect(names).toHaveLength(SPEAKERS_SHOWN_MAX);
    expect(names[0]).toBe(999);
    expect(names.slice(1, 41)).toEqual(Array.from({ length: 40 }, (_, n) => 500 + n));
    expect(names.slice(41)).toEqual(Array.from({ length: 23 }, (_, n) => n));
  });

  it('do not name the active one twice', () => {
    const house = many(100);
    const shown = chooseShown(house, house[3] ?? null);
    expect(new Set(shown).size).toBe(SPEAKERS_SHOWN_MAX);
    expect(shown.slice(0, 3).map((it) => it.name)).toEqual(['00003', '00000', '00001']);
  });

  it('are the same array until one of them changes', () => {
    const house = many(1_000);
    const shown = new ShownSpeakers();
    const first = shown.views(house, null);
    const unseen = house[900];
    if (unseen !== undefined) unseen.link = null;
    expect(shown.views(house, null)).toBe(first);
    const seen = house[9];
    if (seen !== undefined) seen.link = null;
    const next = shown.views(house, null);
    expect(next).not.toBe(first);
    expect(next.map((it) => it.name)).not.toContain('00009');
    expect(shown.views(house, house[0] ?? null)[0]).toMatchObject({ name: '00000', isActive: true });
  });
});
