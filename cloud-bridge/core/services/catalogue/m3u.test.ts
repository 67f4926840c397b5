import { expect, it } from 'vitest';
import { PLAYLIST_TRACKS_MAX } from '../../ports/playlists.ts';
import { parseM3u } from './m3u.ts';

it('reads paths, a name, and nothing else', () => {
  const text =
    '\ufeff#EXTM3U\r\n#PLAYLIST: Late \r\n#EXTINF:1,A - B\r\nAlbum\\01 one.flac\r\n\r\n../two.mp3\r\n/three.ogg';
  expect(parseM3u(text)).toEqual({ name: 'Late', paths: ['Album/01 one.flac', '../two.mp3', '/three.ogg'] });
});

it('reads file addresses, and leaves streams and nonsense out', () => {
  const lines = ['file:///m/a%20b.flac', 'file://localhost/c.mp3', 'http://radio.example/x', 'file:///%zz', 'ok.wav'];
  expect(parseM3u(lines.join('\n'))).toEqual({ name: null, paths: ['/m/a b.flac', '/c.mp3', 'ok.wav'] });
});

it('reads no more than a list may have', () => {
  expect(parseM3u('a.wav\n'.repeat(PLAYLIST_TRACKS_MAX + 3)).paths).toHaveLength(PLAYLIST_TRACKS_MAX);
});
