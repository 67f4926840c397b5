import { describe, expect, it } from 'vitest';
import type { SearchAnswer } from '../bridge/web-api-wire.ts';
import { chooseMusic, MUSIC_KINDS, musicOfUri } from './choose-music.ts';

const artist = (name: string) => ({ uri: `tonearm:artist:${name}`, name });
const album = (name: string) => ({ uri: `tonearm:album:${name}`, name, artists: [artist('Miles Davis')] });
const track = (name: string) => ({
  uri: `tonearm:track:${name}`,
  name,
  artists: [artist('Miles Davis')],
  album: album('Kind of Blue'),
  duration_ms: 1,
});
function found(parts: { tracks?: string[]; albums?: string[]; artists?: string[] }): SearchAnswer {
  const page = <Item>(items: Item[]) => ({ items, total: items.length });
  return {
    tracks: page((parts.tracks ?? []).map(track)),
    albums: page((parts.albums ?? []).map(album)),
    artists: page((parts.artists ?? []).map(artist)),
  };
}

describe('chooseMusic', () => {
  it('takes the thing whose name is exactly the words, whatever its kind', () => {
    const answer = found({ tracks: ['Blue in Green', 'Blue'], albums: ['Kind of Blue'], artists: ['Blue Note'] });
    expect(chooseMusic(answer, 'kind of BLUE', MUSIC_KINDS)?.uri).toBe('tonearm:album:Kind of Blue');
    expect(chooseMusic(answer, 'blue', MUSIC_KINDS)?.uri).toBe('tonearm:track:Blue');
  });

  it('takes the first track when the words stand in title and artist together', () => {
    const answer = found({ tracks: ['So What', 'All Blues'], albums: [], artists: [] });
    expect(chooseMusic(answer, 'davis so what', MUSIC_KINDS)?.uri).toBe('tonearm:track:So What');
  });

  it('looks only at the kinds asked for', () => {
    const answer = found({ tracks: ['Blue'], artists: ['Blue'] });
    expect(chooseMusic(answer, 'blue', ['artist'])?.uri).toBe('tonearm:artist:Blue');
    expect(chooseMusic(answer, 'blue', ['album'])).toBeNull();
  });
});

describe('musicOfUri', () => {
  it('takes addresses of any scheme word as they are, and leaves words to the search', () => {
    expect(musicOfUri('tonearm:track:0aB')?.kind).toBe('track');
    expect(musicOfUri('spotify:album:4aawyAB9vmqN3uQ7FjRGTy')?.kind).toBe('album');
    expect(musicOfUri('tonearm:library')?.kind).toBe('other');
    expect(musicOfUri('miles davis')).toBeNull();
    expect(musicOfUri('live: track: 1')).toBeNull();
  });
});
