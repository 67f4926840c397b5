/** Crowds as people start them, against a real bridge that asks everybody who they are. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CrowdBridge } from '#sim/bench/connect/crowd-bridge';
import { ChildProgram } from '#sim/processes/child-program';
import { type RunReport, runReportSchema } from '#sim/report/run-report';

const PROGRAM = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const SPEAKERS = 200;
const PHONES = 20;
const SOON_MS = 20_000;
/** A speaker waits 15 s at most before it tries again; its bridge may have taken long to start. */
const BACK_WITHIN_MS = 60_000;

let folder: string;
let programs: ChildProgram[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tonearm-crowd-'));
  programs = [];
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await rm(folder, { recursive: true, force: true });
});

function simulate(words: string): ChildProgram {
  const program = new ChildProgram('simulate', process.execPath, [PROGRAM, ...words.split(' ')]);
  programs.push(program);
  return program;
}

async function reportOf(file: string): Promise<RunReport> {
  return runReportSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

function figure({ figures }: RunReport, name: string): number {
  return figures.find((it) => it.name === name)?.value ?? Number.NaN;
}

async function tokensOf(bridge: CrowdBridge): Promise<string> {
  const file = join(folder, 'tokens');
  await writeFile(file, `${bridge.authorization.replace('Bearer ', '')}\n`, { mode: 0o600 });
  return file;
}

describe('a crowd on real sockets', () => {
  it('is let in, commanded by phones, survives its bridge, and ends with a summary', async () => {
    const bridge = await CrowdBridge.start(SPEAKERS);
    try {
      const where = `--bridge ${bridge.url} --tokens ${await tokensOf(bridge)}`;
      const [speakersJson, phonesJson] = [join(folder, 'speakers.json'), join(folder, 'phones.json')];
      const speakers = simulate(
        `speakers --count ${SPEAKERS} ${where} --listeners 1 --from 04:00 --json ${speakersJson} --report ${folder}/s.html`,
      );
      await speakers.waitForLine(/^200 of 200 speakers are connected/, SOON_MS);

      // The library is empty, so volumes are all that they turn.
      const phones = simulate(
        `phones --count ${PHONES} ${where} --minutes 0.15 --pace fast:1000 --seed 2 --json ${phonesJson}`,
      );
      expect(await phones.waitForExit(SOON_MS), phones.output()).toBe(0);
      const asked = await reportOf(phonesJson);
      expect(figure(asked, 'connected at the end')).toBe(PHONES);
      expect(figure(asked, 'commands accepted')).toBeGreaterThan(5);
      expect(figure(asked, 'commands accepted')).toBe(figure(asked, 'commands asked'));
      expect(figure(asked, 'command to answer, p99')).toBeGreaterThan(0);

      await bridge.killAndRestart();
      await speakers.waitForLine(/^200 connected, 200 links lost/, BACK_WITHIN_MS);
      speakers.kill('SIGINT');
      expect(await speakers.waitForExit(SOON_MS)).toBe(130);
      const report = await reportOf(speakersJson);
      expect(report.outcome).toBe('stopped');
      expect(figure(report, 'connected at the end')).toBe(SPEAKERS);
      expect(figure(report, 'welcomes')).toBe(2 * SPEAKERS);
      expect(figure(report, 'links lost')).toBe(SPEAKERS);
      expect(figure(report, 'commands taken')).toBeGreaterThanOrEqual(figure(asked, 'commands accepted'));
      expect(await readFile(join(folder, 's.html'), 'utf8')).toContain('200 speakers at');
    } finally {
      await bridge.stop();
    }
  }, 120_000);

  it('is paired one by one, and known again', async () => {
    const bridge = await CrowdBridge.start(0);
    try {
      const flags = `--bridge ${bridge.url.replace('ws', 'http')} --tokens ${await tokensOf(bridge)} --state ${folder}/state`;
      const first = simulate(`speakers --count 3 ${flags} --pair --minutes 0.01`);
      expect(await first.waitForExit(SOON_MS), first.output()).toBe(0);
      const again = simulate(`speakers --count 3 ${flags} --minutes 0.01 --json ${folder}/again.json`);
      expect(await again.waitForExit(SOON_MS), again.output()).toBe(0);
      expect(figure(await reportOf(join(folder, 'again.json')), 'connected at the end')).toBe(3);
    } finally {
      await bridge.stop();
    }
  }, 60_000);
});
