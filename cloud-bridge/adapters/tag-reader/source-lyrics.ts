/** The lyrics of a music file: from the `.lrc` beside it, which somebody put there on purpose, else from its tags. */
import { open } from 'node:fs/promises';
import type { IAudioMetadata, ILyricsTag } from 'music-metadata';
import type { Lyrics } from '#bridge/core/ports/lyrics';
import { LYRICS_LENGTH_MAX, parseLyrics, timedLyrics } from '#bridge/core/services/ingest/lrc';

const SIDECAR_ENDINGS = ['.lrc', '.LRC'];
/** SYLT's time stamps: milliseconds. The other kind counts MPEG frames, which nobody writes. */
const IN_MILLISECONDS = 2;

export async function sourceLyrics(path: string, metadata: IAudioMetadata | null): Promise<Lyrics | null> {
  return (await sidecarLyrics(path)) ?? (metadata === null ? null : embeddedLyrics(metadata));
}

async function sidecarLyrics(path: string): Promise<Lyrics | null> {
  const stem = path.replace(/\.[^./\\]*$/, '');
  for (const ending of SIDECAR_ENDINGS) {
    const bytes = await readStart(`${stem}${ending}`);
    if (bytes !== null) return parseLyrics(textOf(bytes));
  }
  return null;
}

async function readStart(path: string): Promise<Uint8Array | null> {
  const handle = await open(path, 'r').catch(() => null);
  if (handle === null) return null;
  try {
    const bytes = Buffer.alloc(LYRICS_LENGTH_MAX);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}

/** UTF-16 with its mark, UTF-8, else Windows-1252, in which much of what is about was written. */
function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    // A text that was cut at its limit may end within a character.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function embeddedLyrics({ common, native }: IAudioMetadata): Lyrics | null {
  // The library reads stamps in Vorbis comments by itself, and leaves out the offset: the raw text comes first.
  const raw = (native['vorbis'] ?? []).filter(({ id }) => /^(?:UNSYNCED|SYNCED)?LYRICS$/i.test(id));
  for (const { value } of raw) {
    const lyrics = typeof value === 'string' ? parseLyrics(value) : null;
    if (lyrics !== null) return lyrics;
  }
  const found = (common.lyrics ?? []).flatMap((tag) => lyricsOf(tag) ?? []);
  return found.find(({ kind }) => kind === 'timed') ?? found[0] ?? null;
}

function lyricsOf(tag: ILyricsTag): Lyrics | null {
  const lines = tag.syncText ?? [];
  const isTimed = lines.length > 0 && tag.timeStampFormat === IN_MILLISECONDS;
  if (isTimed) {
    const timed = lines.map(({ timestamp, text }) => ({ startMs: timestamp ?? 0, text }));
    return timedLyrics(timed.filter(({ startMs }) => Number.isFinite(startMs)));
  }
  return parseLyrics(tag.text ?? lines.map(({ text }) => text).join('\n'));
}
