/**
 * Makes the speaker's data folder and claims it for this process: two speakers with one identity would throw each other
 * off the bridge for ever.
 *
 * The claim is a name in Linux' abstract socket space. The kernel frees it with the process, however that ends, so there
 * is no stale lock after a power cut and no process id that a stranger has inherited. Elsewhere nothing is claimed.
 */
import { createHash } from 'node:crypto';
import { access, constants, realpath } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { TonearmError } from '#protocol/vocabulary/errors';
import { makeFolder } from './make-folder.ts';

/** Characters of the digest in the name: a socket's name holds 107, and 128 bits tell folders apart. */
const DIGEST_LENGTH = 32;

export interface ClaimedFolder {
  /** Lets another process have it. Twice is harmless. */
  release(): Promise<void>;
}

/** @throws TonearmError `config.invalid` when it cannot be a data folder, `config.data-locked` when another speaker has it */
export async function claimDataFolder(folder: string): Promise<ClaimedFolder> {
  const real = await prepareFolder(folder);
  if (process.platform !== 'linux') return { release: () => Promise.resolve() };
  const server = createServer((socket) => socket.destroy());
  await listen(server, nameFor(real), folder);
  // Must not keep the process alive when everything else has ended.
  server.unref();
  return { release: () => close(server) };
}

async function prepareFolder(folder: string): Promise<string> {
  try {
    await makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(folder);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new TonearmError('config.invalid', `--data ${folder} cannot be used as a folder: ${code}`, {
      field: '--data',
      cause,
    });
  }
}

function nameFor(realPath: string): string {
  const digest = createHash('sha256').update(realPath).digest('hex').slice(0, DIGEST_LENGTH);
  return `\0tonearm-speaker-${digest}`;
}

function listen(server: Server, name: string, folder: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: NodeJS.ErrnoException) => {
    const isTaken = cause.code === 'EADDRINUSE';
    const message = isTaken
      ? `another speaker runs with the data folder ${folder}; give this one its own with --data`
      : `cannot claim the data folder ${folder}: ${cause.code ?? cause.message}`;
    reject(new TonearmError(isTaken ? 'config.data-locked' : 'config.invalid', message, { field: '--data', cause }));
  });
  server.listen({ path: name }, resolve);
  return promise;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // An error here means that it was closed before, which is what is wanted.
  server.close(() => resolve());
  return promise;
}
