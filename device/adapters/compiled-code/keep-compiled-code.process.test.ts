/** That the code is kept by a process that does not end in peace, which is what most speakers do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** @returns the files of a process that is killed, with this done before */
async function keptBy(before: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tonearm-code-'));
  const file = JSON.stringify(join(import.meta.dirname, 'keep-compiled-code.ts'));
  const script = `import { keepCompiledCodeLater } from ${file};
    const clock = { setTimer: (_name, _after, act) => act() };
    ${before}
    console.log('done');
    setInterval(() => undefined, 1_000);`;
  const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  const child = spawn(process.execPath, words, { env: { ...process.env, NODE_COMPILE_CACHE: folder } });
  await once(child.stdout, 'data');
  // By another: who kills itself is first let to write everything down.
  child.kill('SIGKILL');
  await once(child, 'exit');
  const kept = readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
  rmSync(folder, { recursive: true });
  return kept.filter((entry) => entry.isFile()).map(({ name }) => name);
}

it('keeps the code of a process that is killed, once it was told to', async () => {
  expect(await keptBy('')).toEqual([]);
  expect((await keptBy('keepCompiledCodeLater(clock);')).length).toBeGreaterThan(0);
});
