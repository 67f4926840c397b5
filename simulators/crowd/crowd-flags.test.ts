import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSimulate } from '#sim/command-line/program';
import { readCrowdFlags, SPEAKERS_MAX } from './crowd-options.ts';
import { checkOpenFiles } from './open-files.ts';

const HERE = '--bridge http://127.0.0.1:1';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tonearm-flags-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function simulate(words: string): Promise<{ readonly exitCode: number; readonly said: string }> {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const context = { print: say, say, interrupted: new AbortController().signal };
  return { exitCode: await runSimulate(words.split(' '), context), said: said.join('\n') };
}

describe('the flags of a crowd', () => {
  it.each([
    ['speakers', /--count: how many/],
    ['speakers --count 0', /--count must be a whole number from 1 to 20000, not "0"/],
    ['speakers --count many', /--count/],
    ['phones --count 1001', /--count must be a whole number from 1 to 1000/],
    ['phones --count 5', /--bridge: where the bridge is/],
    ['phones --count 5 --bridge ftp://x', /--bridge/],
    [`phones --count 5 ${HERE} --seed -1`, /--seed/],
    [`phones --count 5 ${HERE} --minutes 0`, /--minutes must be above 0|--minutes: must be above 0/],
    [`phones --count 5 ${HERE} --pace quick`, /--pace: must be real or fast:K/],
    [`phones --count 5 ${HERE} --pace fast:0`, /--pace/],
    [`phones --count 5 ${HERE} --minutes 600 --pace fast:1000`, /--pace: 600 minutes at that pace/],
    [`phones --count 5 ${HERE} --from 24:00`, /--from: must be a time of day/],
    [`phones --count 5 ${HERE} --tokens /nowhere/at/all`, /--tokens: \/nowhere\/at\/all cannot be read/],
    [`speakers --count 5 ${HERE} --listeners 65`, /--listeners/],
    [`speakers --count 65 ${HERE} --pair --state /tmp/x`, /--pair: at most 64/],
    [`speakers --count 5 ${HERE} --pair`, /--state: --pair needs a folder/],
    [`speakers --count 5 ${HERE} --register /tmp/x`, /--state: --register needs a folder/],
    [`speakers --count 5 ${HERE} --pair --register /tmp/x`, /--pair: is not for --register/],
    [`speakers --count 5 ${HERE} --state /dev/null`, /--state: \/dev\/null is no folder of a crowd/],
    [`speakers --count 5 ${HERE} --json /nowhere/x.json`, /--json/],
  ])('refuses `%s` by name', async (words, expected) => {
    const { exitCode, said } = await simulate(words);
    expect(said).toMatch(expected);
    expect(exitCode).toBe(2);
  });

  it('shows nothing of a file that holds no tokens', async () => {
    const file = join(folder, 'tokens');
    await writeFile(file, 'my secret diary\n');
    const { exitCode, said } = await simulate(`phones --count 5 ${HERE} --tokens ${file}`);
    expect(exitCode).toBe(2);
    expect(said).toContain('--tokens');
    expect(said).not.toContain('diary');
  });

  it('takes what is right, and what was left out as it is said', () => {
    const run = readCrowdFlags({ count: '7', bridge: '127.0.0.1', pace: 'fast:60', minutes: '2.5' }, SPEAKERS_MAX);
    expect(run).toMatchObject({ count: 7, url: 'http://127.0.0.1:4747', address: 'ws://127.0.0.1:4747' });
    expect(run).toMatchObject({ seed: 1, durationS: 150, pace: 60, fromS: 18 * 3_600 });
  });

  it('says what to do where fewer files may be open than sockets are wanted', () => {
    expect(() => checkOpenFiles(5_000, 1_024)).toThrow(/5000 sockets need 5064 open files.*1024.*ulimit -n/s);
    expect(() => checkOpenFiles(900, 1_024)).not.toThrow();
  });
});
