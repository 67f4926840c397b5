import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PICTURE_BYTES_MAX, type SourceFacts } from '#bridge/core/ports/source-inspector';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { bytes } from '#protocol/vocabulary/units';
import { noFfmpegReason, writeCodedTone, writeWavTone } from '#sim/content/music-files';
import { FileSourceInspector } from './file-source-inspector.ts';

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1);
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-tags-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function inspect(name: string): Promise<SourceFacts> {
  const file = { path: join(folder, name), relativePath: name, sizeBytes: bytes(1), modifiedMs: 1 };
  const facts = await new FileSourceInspector({ fit: async (it) => ok(it) }, () => {}).inspect(file);
  if (!facts.ok) throw facts.error;
  return facts.value;
}

function writeTagged(picture: Uint8Array | null): void {
  writeWavTone({
    path: join(folder, 'a.wav'),
    rateHz: 44_100,
    frames: 44_100,
    tags: {
      title: ' Ti\u0000tle ',
      artist: 'Artist',
      album: 'Album',
      trackNumber: 3,
      year: 1999,
      genre: 'Jazz',
      picture: picture === null ? null : { mediaType: 'image/jpeg', bytes: picture },
    },
  });
}

describe('a music file', () => {
  it('says what it is, and what its bytes add up to', async () => {
    writeTagged(null);
    const { tags, digest, picture } = await inspect('a.wav');
    expect(tags).toMatchObject({ artists: ['Artist'], album: 'Album', trackNumber: 3, year: 1999, genres: ['Jazz'] });
    expect(tags?.title).not.toContain('\u0000');
    expect(tags?.durationFrames).toBe(48_000);
    expect(Buffer.from(digest).toString('hex')).toBe(
      createHash('sha256')
        .update(readFileSync(join(folder, 'a.wav')))
        .digest('hex'),
    );
    expect(picture).toBeNull();
  });

  it('brings its own picture before the folder’s', async () => {
    writeFileSync(join(folder, 'folder.png'), PNG);
    writeTagged(JPEG);
    expect(Buffer.from((await inspect('a.wav')).picture?.bytes ?? [])).toEqual(Buffer.from(JPEG));
    writeTagged(null);
    expect(Buffer.from((await inspect('a.wav')).picture?.bytes ?? [])).toEqual(Buffer.from(PNG));
  });

  it('takes the cover of a folder before its other pictures, and none that is no picture', async () => {
    writeTagged(null);
    writeFileSync(join(folder, 'folder.jpg'), JPEG);
    writeFileSync(join(folder, 'Cover.png'), PNG);
    expect((await inspect('a.wav')).picture?.bytes.length).toBe(PNG.length);
    writeFileSync(join(folder, 'Cover.png'), '<svg onload="alert(1)">');
    expect((await inspect('a.wav')).picture?.bytes.length).toBe(JPEG.length);
    writeFileSync(join(folder, 'folder.jpg'), Buffer.concat([JPEG, Buffer.alloc(PICTURE_BYTES_MAX)]));
    expect((await inspect('a.wav')).picture).toBeNull();
  });

  it('has its lyrics from the file beside it, and says why a picture was left out', async () => {
    writeTagged(JPEG);
    writeFileSync(join(folder, 'a.lrc'), '[00:01.00]Grüße');
    const file = { path: join(folder, 'a.wav'), relativePath: 'a.wav', sizeBytes: bytes(1), modifiedMs: 1 };
    const refusing = { fit: async () => refused(new TonearmError('ingest.unreadable-file', 'is a bomb')) };
    const facts = await new FileSourceInspector(refusing, () => {}).inspect(file);
    expect(facts).toMatchObject({
      ok: true,
      value: {
        picture: null,
        pictureProblem: 'its own picture is a bomb',
        lyrics: { kind: 'timed', lines: [{ startMs: 1_000, text: 'Grüße' }] },
      },
    });
    writeFileSync(join(folder, 'a.lrc'), Buffer.from('Gr\u00fc\u00dfe', 'latin1'));
    expect((await inspect('a.wav')).lyrics).toEqual({ kind: 'plain', lines: ['Grüße'] });
  });

  it.skipIf(noFfmpegReason !== null)('is read in the spellings of its tags', async () => {
    const write = (name: string, tags: Record<string, string>, codec: readonly string[] = []) =>
      writeCodedTone({ path: join(folder, name), rateHz: 48_000, frames: 4_800, tags }, codec);
    write('a.mp3', { artist: 'AC/DC', track: '3/12', disc: '1/2', genre: 'Rock;Pop' }, ['-id3v2_version', '3']);
    expect((await inspect('a.mp3')).tags).toMatchObject({ artists: ['AC/DC'], trackNumber: 3, discNumber: 1 });
    write('a.flac', { artist: 'X feat. Y', COMPILATION: '1', LYRICS: '[offset:500]\n[00:01.00]La' });
    const { tags, lyrics } = await inspect('a.flac');
    expect(tags).toMatchObject({ artists: ['X', 'Y'], isCompilation: true });
    expect(lyrics).toEqual({ kind: 'timed', lines: [{ startMs: 500, text: 'La' }] });
    // RIFF INFO has no word for its encoding, and this program writes UTF-8.
    write('a.wav', { title: 'Études', artist: 'Björk' }, ['-bitexact']);
    expect((await inspect('a.wav')).tags).toMatchObject({ title: 'Études', artists: ['Björk'] });
  });

  it('without tags that can be read may still be music: its bytes are counted', async () => {
    writeFileSync(join(folder, 'a.mp3'), 'Dear Sir');
    const { tags, digest } = await inspect('a.mp3');
    expect(tags).toBeNull();
    expect(digest.length).toBe(32);
  });

  it('that is gone is refused', async () => {
    await expect(inspect('gone.mp3')).rejects.toMatchObject({ code: 'ingest.unreadable-file' });
  });

  it.skipIf(noFfmpegReason !== null).each(['flac', 'mp3', 'ogg', 'opus', 'm4a'])(
    'is known by its tags as %s',
    async (kind) => {
      const tags = { title: 'Naïve', artist: 'Künstler', album: 'Ähm' };
      writeCodedTone({ path: join(folder, `a.${kind}`), rateHz: 48_000, frames: 48_000, tags }, []);
      expect((await inspect(`a.${kind}`)).tags).toMatchObject({ title: 'Naïve', artists: ['Künstler'], album: 'Ähm' });
    },
  );
});
