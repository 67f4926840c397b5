/**
 * What a speaker costs while it does nothing, and how soon it is there: beside MPD, the leanest player people know,
 * alternating with it in the same run. The speaker is the bundled one that ships, connected to a real bridge.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { MpdProcess, missingForMpd, mpdVersion } from '#sim/processes/mpd-process';
import { readServiceStart } from '#sim/processes/service-start';
import { type Bench, type BenchOptions, createFigure, type Figure, type FigureInput } from './bench.ts';
import { memoryOfTree, type ProcessMemory } from './process-memory.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BUNDLER = join(ROOT, 'firmware-scripts', 'bundle', 'bundle.ts');
const BUNDLED_SPEAKER = join(ROOT, '.build', 'bundle', 'speaker', 'main.js');
const RUNS = 7;
/** After this long start-up's garbage has been collected and pages have settled. */
const SETTLE_MS = 4_000;
const SETTLE_SMOKE_MS = 300;
const ANSWER_WITHIN_MS = 20_000;

interface Round {
  readonly startMs: number;
  readonly memory: ProcessMemory;
}

export const householdBench: Bench = {
  name: 'household',
  about: 'an idle speaker: memory and start-up time, beside MPD',
  run: runHouseholdBench,
};

async function runHouseholdBench({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  await bundleSpeaker();
  const rounds = isSmoke ? 1 : RUNS;
  const settleMs = isSmoke ? SETTLE_SMOKE_MS : SETTLE_MS;
  const peerMissing = missingForMpd();
  if (peerMissing !== null) say(`no peer in this run: ${peerMissing}`);
  const household = await HouseholdProcesses.create();
  const ours: Round[] = [];
  const peers: Round[] = [];
  try {
    await household.startBridge();
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await measureSpeaker(household, round, settleMs));
      if (peerMissing === null) peers.push(await measureMpd(settleMs));
      say(`round ${round + 1} of ${rounds}`);
    }
  } finally {
    await household.stop();
  }
  const name = peerMissing === null ? `mpd ${mpdVersion()}` : '';
  const figure = (key: string, unit: string, pick: (round: Round) => number): Figure => {
    const input: FigureInput = { key, unit, values: ours.map(pick), better: 'lower' };
    return createFigure(peers.length === 0 ? input : { ...input, peer: { name, values: peers.map(pick) } });
  };
  return [
    figure('idle speaker, RSS', 'MB', (round) => round.memory.rssMb),
    figure('idle speaker, PSS', 'MB', (round) => round.memory.pssMb),
    figure('start to answering on its control port', 'ms', (round) => round.startMs),
  ];
}

async function bundleSpeaker(): Promise<void> {
  const bundler = new ChildProgram('bundle', process.execPath, [BUNDLER], { cwd: ROOT });
  const code = await bundler.waitForExit(60_000);
  if (code !== 0 || !existsSync(BUNDLED_SPEAKER))
    throw new Error(`the speaker could not be bundled\n${bundler.output()}`);
}

async function measureSpeaker(household: HouseholdProcesses, round: number, settleMs: number): Promise<Round> {
  const port = await freePort();
  const startedAt = performance.now();
  const { nodeArgs, env } = readServiceStart();
  const args = [
    ...nodeArgs,
    BUNDLED_SPEAKER,
    ...['--data', join(household.folder, `bench-${round}`), '--name', 'Bench', '--sink', 'virtual', '--no-mdns'],
    ...['--lan-port', String(port), '--bridge', `ws://127.0.0.1:${household.port}`],
  ];
  const speaker = new ChildProgram('speaker', process.execPath, args, { env });
  try {
    await untilHealthy(port);
    const startMs = performance.now() - startedAt;
    await speaker.waitForEvent('speaker.connected', ANSWER_WITHIN_MS);
    await settle(settleMs);
    return { startMs, memory: await memoryOfTree(speaker.pid) };
  } finally {
    await speaker.stop();
  }
}

async function untilHealthy(port: number): Promise<void> {
  const giveUpAt = performance.now() + ANSWER_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await settle(1);
  }
  throw new Error(`the speaker does not answer on port ${port}`);
}

async function measureMpd(settleMs: number): Promise<Round> {
  const startedAt = performance.now();
  const mpd = await MpdProcess.start();
  try {
    await mpd.untilAnswering(ANSWER_WITHIN_MS);
    const startMs = performance.now() - startedAt;
    await settle(settleMs);
    return { startMs, memory: await memoryOfTree(mpd.program.pid) };
  } finally {
    await mpd.stop();
  }
}

function settle(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
