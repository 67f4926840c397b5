/** `tonearm simulate network` as a user runs it: what is wrong is named, what runs can be told, and its report tells of it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '#sim/processes/free-port';
import { NetworkProcess } from '#sim/processes/network-process';
import { runReportSchema } from '#sim/report/run-report';
import { runSimulate } from '../program.ts';

describe('tonearm simulate network', { timeout: 20_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tonearm-network-'));
    await writeFile(join(folder, 'bad.json'), '[{"duration_ms": 10, "bandwidth_kbps": -1}]');
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ['no address', [], '--listen and --to'],
    ['one without the other', ['--listen', '127.0.0.1:0'], 'come in pairs'],
    ['no address at all', ['--listen', 'here', '--to', '127.0.0.1:1'], '--listen must be HOST:PORT'],
    ['what would call itself', ['--listen', '127.0.0.1:5', '--to', '127.0.0.1:5'], 'would call itself'],
    [
      'rooms beside ways',
      ['--listen', '127.0.0.1:0', '--to', '127.0.0.1:1', '--namespaces', '2'],
      '--namespaces stands alone',
    ],
    ['another profile', ['--profile', '4g'], '"4g" is neither a file nor one of home'],
    ['a bad trace', ['--profile', 'bad.json'], '0.bandwidth_kbps'],
    ['a bad seed', ['--seed', 'x'], '--seed must be a whole number'],
    ['a bad door', ['--control', 'nowhere'], '--control must be HOST:PORT'],
    ['a report nowhere', ['--json', '/nowhere/at/all.json'], '--json: there is no folder'],
  ])('refuses %s by name', async (_, words, message) => {
    const said: string[] = [];
    const whole = words.map((word) => (word === 'bad.json' ? join(folder, word) : word));
    const ways =
      words.length === 0 || words.includes('--listen') ? [] : ['--listen', '127.0.0.1:0', '--to', '127.0.0.1:1'];
    const interrupted = new AbortController().signal;
    const context = { print: () => {}, say: (line: string) => said.push(line), interrupted };
    expect(await runSimulate(['network', ...ways, ...whole], context)).toBe(2);
    expect(said.join('\n')).toContain(message);
  });

  it('stands between two programs, does what it is told, and writes what it saw', async () => {
    const server = createServer((_, answer) => answer.end('music'));
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const json = join(folder, 'run.json');
    const network = await NetworkProcess.start(port, ['--profile', 'home', '--json', json]);
    try {
      const ask = async () => (await fetch(network.url, { signal: AbortSignal.timeout(2_000) })).text();
      expect(await ask()).toBe('music');
      await network.order('POST', '/cut', { kind: 'reset' });
      await expect(ask()).rejects.toThrow();
      await network.order('POST', '/heal');
      await network.change({ down: { delayMs: 200 } });
      expect(await ask()).toBe('music');
      expect((await network.state()).conditions.down.delayMs).toBe(200);
    } finally {
      await network.stop();
      server.closeAllConnections();
      server.close();
    }
    const report = runReportSchema.parse(JSON.parse(await readFile(json, 'utf8')));
    expect(report).toMatchObject({ kind: 'network', outcome: 'stopped', parameters: { profile: 'home', seed: 1 } });
    expect(report.events.map(({ what }) => what)).toEqual(expect.arrayContaining(['cut (reset) both', 'healed']));
    expect(report.figures.find(({ name }) => name === 'passed down')?.value).toBeGreaterThan(0);
  });
});
