/**
 * The keys of the house of `npm start`: it comes in as the owner by the link that the bridge logs, and hands on what the
 * person at the terminal needs, who has typed no password yet: a link for browsers, and a login of `npx tonearm`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { comeIn } from '#sim/processes/come-in';
import type { RestPhone } from '#sim/processes/rest-phone';

const OWNER = 'Owner';
/** One click in a browser here, and the same code with a few phones. */
const LINK = { hours: 24, uses: 16 };

const COMMAND_LINE = join(import.meta.dirname, '..', '..', 'cloud-bridge', 'phone', 'command-line', 'main.ts');
const FOLLOW_PARENT = join(import.meta.dirname, 'follow-parent.mjs');
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--import', FOLLOW_PARENT];

const meSchema = z.object({ accountId: z.string() });
const linkSchema = z.object({ link: z.url() });
const codeSchema = z.object({ userCode: z.string() });

/**
 * @param welcome the link that the bridge has logged
 * @param phone sends the owner's cookie from then on
 * @param address that phones in the house have for the bridge
 * @param name what the owner is called from then on
 * @returns where a person opens the page
 */
export async function takeKeys(welcome: string, phone: RestPhone, address: string, name = OWNER): Promise<string> {
  const { headers } = await comeIn(welcome, { name });
  phone.sendAlong(headers);
  const { accountId } = meSchema.parse(await phone.command('GET', '/tonearm/v1/me'));
  const made = linkSchema.parse(await phone.command('POST', `/tonearm/v1/people/${accountId}/links`, LINK));
  const { pathname, hash } = new URL(made.link);
  return `${address}${pathname}${hash}`;
}

/** Signs `npx tonearm` of this user in, unless it is. */
export async function lendTokens(url: string, phone: RestPhone): Promise<void> {
  const known = tonearm(url, 'devices');
  if ((await exitOf(known)) === 0) return;
  const login = tonearm(url, 'login');
  const ended = exitOf(login);
  if (login.stderr === null) throw new Error('it has no stderr');
  for await (const line of createInterface({ input: login.stderr })) {
    const { success, data } = z.safeParse(codeSchema, parsed(line));
    if (success) await phone.command('POST', '/tonearm/v1/devices/decide', { ...data, isAllowed: true });
  }
  const exit = await ended;
  if (exit !== 0) throw new Error(`tonearm login ended with ${exit}`);
}

/** Ends with this process. */
function tonearm(url: string, command: string): ChildProcess {
  const args = [...NODE_FLAGS, COMMAND_LINE, '--bridge', url, '--json', command];
  return spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  const [exit] = await once(child, 'exit');
  return exit;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
