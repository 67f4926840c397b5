/**
 * A speaker's settings as one JSON file.
 *
 * Speakers lose power in the middle of everything: the new settings are written beside the old, forced to the disk, and
 * take their place in one step, so that either is read and never a mixture. What cannot be read is kept aside for whoever
 * wants to know why, and said; the speaker goes on as new.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { SettingsStore, SpeakerSettings } from '#device/core/ports/settings-store';
import { writeWhole } from '#protocol/adapters/write-whole';
import { createSerialLock } from '#protocol/kit/serial-lock';
import type { Logger } from '#protocol/ports/logger';
import { TonearmError } from '#protocol/vocabulary/errors';
import { type Result, refused } from '#protocol/vocabulary/result';
import { nameSchema, parseValue, percentSchema, resumeTokenSchema, speakerIdSchema } from '#protocol/wire/schema';
import { makeFolder } from './make-folder.ts';

const FILE = 'settings.json';
/** A handful of facts; a file larger than this is not ours, and is not read into memory. */
const FILE_BYTES_MAX = 64 * 1024;
const ADDRESS_LENGTH_MAX = 300;

const settingsSchema = z.object({
  speakerId: speakerIdSchema,
  name: nameSchema,
  volume: percentSchema,
  resumeToken: z.nullable(resumeTokenSchema),
  lastBridgeAddress: z.nullable(z.string().check(z.maxLength(ADDRESS_LENGTH_MAX))),
});

/** @param folder made on the first save; failures of the disk are thrown as `storage.failed` */
export function createFileSettingsStore(folder: string, logger: Logger): SettingsStore {
  const path = join(folder, FILE);
  const lock = createSerialLock();
  return {
    load: () => lock.run(() => load(path, logger)),
    save: (settings) => {
      // As it is now: the caller may change its object while earlier saves are under way.
      const text = `${JSON.stringify(settings, null, 2)}\n`;
      return lock.run(() => save(folder, path, text));
    },
  };
}

async function load(path: string, logger: Logger): Promise<SpeakerSettings | null> {
  const settings = await read(path);
  if (settings === null || settings.ok) return settings?.value ?? null;
  const aside = `${path}.corrupt`;
  logger.error('settings.corrupt', { path, aside, reason: settings.error.message });
  try {
    await rename(path, aside);
  } catch (cause) {
    throw failed(`cannot move the unreadable ${path} aside`, cause);
  }
  return null;
}

/** @throws `storage.failed` when the disk fails, which says nothing of what is on it */
async function read(path: string): Promise<Result<SpeakerSettings, TonearmError> | null> {
  let text: string | null;
  try {
    text = await readText(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    throw failed(`cannot read ${path}`, cause);
  }
  if (text === null)
    return refused(new TonearmError('storage.failed', `${path} is longer than ${FILE_BYTES_MAX} bytes`));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused(new TonearmError('storage.failed', `${path} is not JSON`));
  }
  return parseValue<SpeakerSettings>(settingsSchema, value, path);
}

/** Null when it is too long to be ours. */
async function readText(path: string): Promise<string | null> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > FILE_BYTES_MAX) return null;
  } finally {
    await handle.close();
  }
  return readFile(path, 'utf8');
}

async function save(folder: string, path: string, text: string): Promise<void> {
  try {
    await makeFolder(folder);
    await writeWhole(path, text);
  } catch (cause) {
    throw failed(`cannot save ${path}`, cause);
  }
}

function failed(what: string, cause: unknown): TonearmError {
  const why = codeOf(cause) ?? (cause instanceof Error ? cause.message : String(cause));
  return new TonearmError('storage.failed', `${what}: ${why}`, { cause });
}

function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
