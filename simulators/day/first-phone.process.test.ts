/**
 * The guide to a first phone, followed to the letter: its commands are run and its phone is made of its blocks of code, so that
 * it says nothing that does not work. What a person does in a browser is asked of the same routes here.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprintTrack } from '#sim/listening/fingerprint-track';
import { encodeWav } from '#sim/music/wav-file';
import { comeIn } from '#sim/processes/come-in';
import { descendants, isAlive } from '#sim/processes/descendants';
import { freePort } from '#sim/processes/free-port';
import { RestPhone } from '#sim/processes/rest-phone';

const ROOT = join(import.meta.dirname, '..', '..');
const GUIDE = readFileSync(join(ROOT, 'docs', 'guides', 'first-phone.md'), 'utf8');
const TONEARM = join(ROOT, 'firmware-scripts', 'lib', 'tonearm.mjs');
const RATE = 48_000;
const WITHIN_MS = 60_000;
const END_WITHIN_MS = 15_000;
/** Exit code of what was ended by Ctrl-C. */
const INTERRUPTED = 130;

let folder = '';
let started: Program[] = [];

interface Program {
  readonly child: ChildProcess;
  output(): string;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tonearm-guide-'));
  mkdirSync(join(folder, 'tmp'));
  started = [];
});
afterEach(async () => {
  for (const { child } of started) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
    process.kill(-child.pid, 'SIGKILL');
    await once(child, 'close');
  }
  rmSync(folder, { recursive: true, force: true });
});

function blocksOf(language: string): string[] {
  return [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = '']) =>
    text.trim(),
  );
}

/** @param words as the guide has them, with what keeps this run apart from others on the machine */
function run(...words: readonly string[]): Program {
  const env = { ...process.env, TMPDIR: join(folder, 'tmp') };
  const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
  const program = { child, output: () => text };
  started.push(program);
  return program;
}

function wordsAfter(command: string, line = ''): string[] {
  expect(line.startsWith(`${command} `), line).toBe(true);
  return line.slice(command.length + 1).split(' ');
}

async function says(program: Program, pattern: RegExp): Promise<RegExpExecArray> {
  const found = () => pattern.exec(program.output());
  await expect
    .poll(found, { timeout: WITHIN_MS })
    .not.toBeNull()
    .catch(() => expect.fail(`no ${pattern} in what was said:\n${started.map((it) => it.output()).join('\n---\n')}`));
  return found() as RegExpExecArray;
}

function writeMusic(): string {
  const music = join(folder, 'music');
  mkdirSync(music);
  for (const [n, title] of ['First', 'Second'].entries()) {
    const samples = fingerprintTrack(n, 30 * RATE);
    writeFileSync(join(music, `0${n + 1} ${title}.wav`), encodeWav({ left: samples, right: samples, rate: RATE }));
  }
  return music;
}

/** What a person does with the link that a phone prints: opens it where the owner is signed in, and lets it in. */
async function letIn(phone: Program, owner: RestPhone): Promise<void> {
  const [, userCode] = await says(phone, /\/device#([A-Z]{4}-[A-Z]{4}) and let it in\./);
  await owner.command('POST', '/tonearm/v1/devices/decide', { userCode, isAllowed: true });
  await says(phone, /Signed in\./);
}

describe('the guide to a first phone', { timeout: 3 * WITHIN_MS }, () => {
  it('leads to one that plays, is told, and leaves nothing behind', async () => {
    const [household, node, network] = blocksOf('sh');
    const port = await freePort();
    const house = run(
      TONEARM,
      ...wordsAfter('npx tonearm', household),
      '--port',
      String(port),
      '--music',
      writeMusic(),
    );
    const [, link = ''] = await says(house, /^page +(\S+)$/m);
    const [, address = ''] = await says(house, /^bridge +(\S+), /m);
    await says(house, /^MQTT +off$/m);
    const { url, headers } = await comeIn(link);
    const owner = new RestPhone(url, headers);

    writeFileSync(join(folder, 'phone.mjs'), blocksOf('js').join('\n\n'));
    const [file = ''] = wordsAfter('node', node);
    const phone = run(file, address);
    await letIn(phone, owner);
    await says(phone, /There is Living Room, at \d+ %\./);
    await says(phone, /Type play, pause/);
    const typed = async (line: string, answer: RegExp): Promise<void> => {
      phone.child.stdin?.write(`${line}\n`);
      await says(phone, answer);
    };
    const lines = blocksOf('text').at(-1)?.split('\n');
    expect(lines).toEqual(['play kitchen', 'volume 30', 'move living room', 'next', 'pause', 'quit']);
    await owner.until('music there', ({ ingest }) => ingest.done === 2, WITHIN_MS);
    await typed('play kitchen', /playing: First, in Kitchen/);
    await typed('volume 30', /in Kitchen, at 30 %/);
    await typed('move living room', /First, in Living Room/);
    await typed('next', /Second, in Living Room/);
    await typed('pause', /paused: Second/);
    await typed('nonsense', /There is no nonsense\./);
    phone.child.stdin?.write('quit\n');
    await once(phone.child, 'close');

    await throughBadNetwork(network, port, address, owner);

    const children = descendants(house.child.pid ?? 0);
    process.kill(-(house.child.pid ?? 0), 'SIGINT');
    expect(await once(house.child, 'close')).toEqual([INTERRUPTED, null]);
    await expect.poll(() => children.filter(isAlive), { timeout: END_WITHIN_MS }).toEqual([]);
    expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
  });
});

async function throughBadNetwork(
  command: string | undefined,
  port: number,
  address: string,
  owner: RestPhone,
): Promise<void> {
  const own = await freePort();
  const words = wordsAfter('npx tonearm', command).map((word) =>
    word.replace(/:4747$/, `:${port}`).replace(/:4800$/, `:${own}`),
  );
  expect(words).toContain(`0.0.0.0:${own}`);
  const network = run(TONEARM, ...words);
  await says(network, new RegExp(String(own)));
  const phone = run('phone.mjs', address.replace(/:\d+$/, `:${own}`));
  await letIn(phone, owner);
  await says(phone, /There is Kitchen/);
}
