import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { M3uPlaylists } from '#bridge/adapters/m3u-playlists/m3u-playlists';
import { nodeDigest } from '#bridge/adapters/node-crypto/node-digest';
import { playlistId } from '#protocol/vocabulary/ids';
import { ms } from '#protocol/vocabulary/units';
import { createMemoryPlaylists } from '#sim/content/memory-playlists';
import { VirtualClock } from '#sim/world/virtual-clock';
import { playlistReaderSuite, suiteTrack } from './playlist-reader.suite.ts';

playlistReaderSuite('memory', async () => ({
  reader: createMemoryPlaylists([
    { id: playlistId('m'.repeat(22)), name: 'Morning', trackIds: [] },
    { id: playlistId('e'.repeat(22)), name: 'Evening', trackIds: [2, 1, 2].map(suiteTrack) },
  ]),
  close: async () => undefined,
}));

async function musicFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-playlists-'));
  await mkdir(join(folder, 'lists'));
  await writeFile(
    join(folder, 'lists', 'x.m3u8'),
    '#PLAYLIST:Evening\n../2.wav\r\n../1.wav\n../nowhere.wav\n../2.wav\n',
  );
  await writeFile(join(folder, 'Morning.m3u'), '#EXTM3U\nhttp://radio.example/\n');
  await writeFile(join(folder, 'notes.txt'), '1.wav\n');
  const clock = new VirtualClock();
  const reader = new M3uPlaylists({
    clock,
    digest: nodeDigest,
    folders: async () => [{ path: folder, deviceNumber: 1 }],
    tracksAt: (paths) =>
      paths
        .map((path) => [1, 2].map((n) => join(folder, `${n}.wav`)).indexOf(path) + 1 || null)
        .map((n) => (n === null ? null : suiteTrack(n))),
  });
  return { folder, clock, reader, close: () => rm(folder, { recursive: true, force: true }) };
}

playlistReaderSuite('files', musicFolder);

it('lists that come are found after a while, in Latin-1 too, and a ring of links ends', async () => {
  const { folder, clock, reader, close } = await musicFolder();
  try {
    expect(await reader.playlists()).toHaveLength(2);
    await symlink(folder, join(folder, 'ring'));
    await writeFile(join(folder, 'late.m3u'), Buffer.from('#PLAYLIST:Caf\u00e9\n1.wav\n', 'latin1'));
    expect(await reader.playlists()).toHaveLength(2);
    await clock.advance(ms(31_000));
    expect((await reader.playlists()).map(({ name, trackIds }) => [name, trackIds.length])).toEqual([
      ['Caf\u00e9', 1],
      ['Evening', 3],
      ['Morning', 0],
    ]);
  } finally {
    await close();
  }
});
