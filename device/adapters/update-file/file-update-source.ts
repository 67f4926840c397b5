/**
 * A release in one file, as `firmware pack` makes it: the offer and the map of blocks on the first line, then the bytes.
 * For a speaker without a bridge; what is in it is checked as what a bridge offers is.
 */
import { open } from 'node:fs/promises';
import type { UpdateSource } from '#device/core/ports/update-source';
import { TonearmError } from '#protocol/vocabulary/errors';
import { ok, refused } from '#protocol/vocabulary/result';
import { parseValue } from '#protocol/wire/schema';
import { BLOCK_MAP_TEXT_MAX, OFFER_TEXT_MAX, updatePackSchema } from '#protocol/wire/update';

const HEADER_BYTES_MAX = OFFER_TEXT_MAX + 2 * BLOCK_MAP_TEXT_MAX;

export interface FileUpdateSource extends UpdateSource {
  close(): Promise<void>;
}

/** @throws TonearmError `input.invalid` for what is no such file */
export async function openFileUpdateSource(path: string): Promise<FileUpdateSource> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new TonearmError('input.invalid', `${path} cannot be read`, { field: 'FILE', cause });
  });
  try {
    const head = Buffer.alloc(HEADER_BYTES_MAX);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const end = head.subarray(0, bytesRead).indexOf('\n');
    const parsed = parseValue(updatePackSchema, parseJson(head.toString('utf8', 0, Math.max(0, end))), path);
    if (!parsed.ok) throw new TonearmError('input.invalid', `${path} is no packed release`, { field: 'FILE' });
    const { offer, blocks } = parsed.value;
    return {
      offer: async () => ok(offer),
      blocks: async () => ok(blocks),
      range: async (_, offset, length) => {
        const data = new Uint8Array(length);
        const read = await file.read(data, 0, length, end + 1 + offset);
        if (read.bytesRead === length) return ok(data);
        return refused(new TonearmError('update.corrupt', `${path} ends too early`));
      },
      report: () => {},
      close: () => file.close(),
    };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
