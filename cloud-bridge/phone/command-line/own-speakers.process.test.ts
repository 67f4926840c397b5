/** `tonearm rename`, `give` and `forget` as people run them, against a bridge's door that only remembers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUSE_ACCOUNT } from '#bridge/core/ports/callers';
import { KITCHEN } from '#sim/relay/recording-household';
import { RestBench } from '#sim/relay/rest-bench';

const MAIN = path.join(import.meta.dirname, 'main.ts');
const WITHIN_MS = 60_000;

let bench: RestBench;
let url = '';

beforeEach(async () => {
  bench = new RestBench();
  const publicKey = new Uint8Array(32);
  bench.paired.set(KITCHEN, { id: KITCHEN, publicKey, name: 'Küche', ownerId: HOUSE_ACCOUNT, pairedAtMs: 0 });
  url = `http://127.0.0.1:${await bench.door.listen(0, '127.0.0.1')}`;
});
afterEach(() => bench.close());

async function tonearm(...words: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, NO_COLOR: '1', TONEARM_BRIDGE: url };
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (piece: Buffer) => {
    said.stdout += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said.stderr += piece.toString();
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, ...said };
}

describe('the speakers of the house', { timeout: WITHIN_MS }, () => {
  it('are renamed and given away by the beginning of a name', async () => {
    const added = await bench.accounts.people.add('Bert', 'member', undefined);
    if (!added.ok) throw added.error;
    expect(await tonearm('rename', 'kü', '--to', 'Bad')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Küche is called Bad now.'),
    });
    expect((await tonearm('give', 'bad', '--to', 'bert')).exitCode).toBe(0);
    expect(bench.paired.get(KITCHEN)).toMatchObject({ name: 'Bad', ownerId: added.value.id });
    const nobody = await tonearm('give', 'bad', '--to', 'Carla');
    expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Carla') });
  });

  it('are forgotten by their whole name alone', async () => {
    expect(await tonearm('forget', 'kü')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Küche') });
    expect(bench.household.forgotten).toEqual([]);
    expect((await tonearm('forget', 'kuche')).exitCode).toBe(0);
    expect(bench.household.forgotten).toEqual([KITCHEN]);
    expect(bench.paired.size).toBe(0);
  });
});
