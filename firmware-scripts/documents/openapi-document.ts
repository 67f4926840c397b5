/**
 * The description of the bridge's routes as a bridge gives it: one is started for the purpose, asked, and ended. So the file
 * in `docs` cannot hold anything that a bridge does not say.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..');
/** Where the description is kept for people who have no bridge at hand. */
export const OPENAPI_FILE = join(ROOT, 'docs', 'openapi.json');
/** A bridge without music is up within a second; a busy machine gets much more. */
const READY_WITHIN_MS = 30_000;

/** @returns the file's whole text; throws when no bridge comes up */
export async function makeOpenApi(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'tonearm-openapi-'));
  const flags = ['--data', data, '--host', '127.0.0.1', '--port', '0', '--no-mdns', '--no-watch', '--access', 'open'];
  const bridge = spawn(process.execPath, [join(ROOT, 'cloud-bridge', 'app', 'main.ts'), ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '' },
    timeout: READY_WITHIN_MS,
  });
  const ended = new Promise<void>((resolve) => bridge.once('exit', () => resolve()));
  try {
    for await (const line of createInterface({ input: bridge.stdout })) {
      const said: unknown = JSON.parse(line);
      if (!isReady(said)) continue;
      const answer = await fetch(new URL('/openapi.json', said.url));
      if (!answer.ok) throw new Error(`the bridge answered ${answer.status}`);
      return `${JSON.stringify(await answer.json(), null, 2)}\n`;
    }
    throw new Error('the bridge ended before it was ready');
  } finally {
    bridge.kill();
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
}

function isReady(said: unknown): said is { readonly url: string } {
  return typeof said === 'object' && said !== null && 'event' in said && said.event === 'bridge.ready' && 'url' in said;
}
