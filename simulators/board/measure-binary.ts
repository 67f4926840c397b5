/**
 * `measure-binary.ts [BINARY ARCH]... [--runs N] [--node-options WORDS]... [--json]`: what a speaker's binary costs on each kind of
 * machine, emulated where it is for another, and how many times what it costs on this one: from its start until its bridge sees it, from
 * there to the first sound, processor time idle and playing, memory. With `--node-options` the same for other options of Node.
 *
 * An emulator multiplies everything by a factor of its own. It is measured too, with plain Node that computes, and with one that
 * sleeps: what is above those is the speaker's.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { prepareBaseNode } from '#firmware/build/base-node';
import { placeFor } from '#firmware/build/build-place';
import { type FirmwareArch, parseArch } from '#firmware/build/firmware-arch';
import { medianOf } from '#sim/bench/bench';
import { cpuSecondsOf } from '#sim/bench/player/cpu-clock';
import { memoryOfTree } from '#sim/bench/process-memory';
import { ChildProgram } from '#sim/processes/child-program';
import { readServiceStart } from '#sim/processes/service-start';
import { commandFor } from './board-binary.ts';
import { OpenHouse } from './open-house.ts';
import { SoundFile } from './sound-file.ts';

const RUNS_DEFAULT = '5';
const READY_WITHIN_MS = 120_000;
/** Longer than all that is measured while it plays. */
const TRACK_SECONDS = 60;
/** Before a stretch whose processor time counts: code that is new is compiled then. */
const SETTLE_MS = 8_000;
const STRETCH_MS = 20_000;
const HEARD_WITHIN_MS = 60_000;
const SECONDS_PER_MINUTE = 60;
const MS_PER_SECOND = 1_000;
const US_PER_SECOND = 1_000_000;
/** Whole numbers, floats and calls, as a decoder in JavaScript has them; a fraction of a second. */
const COMPUTING =
  'let a=1,s=0;for(let i=0;i<1e8;i+=1){a=(a*1103515245+12345)&0x7fffffff;s+=Math.abs(a*1e-9-1)}' +
  'const {user,system}=process.cpuUsage();console.log(JSON.stringify({event:"computed",us:user+system,s}))';
const SLEEPING = 'console.log(JSON.stringify({event:"sleeps"}));setInterval(()=>{},1e9)';

interface Candidate {
  readonly binary: string;
  readonly arch: FirmwareArch;
  readonly nodeOptions: string;
}

/** What one of them costs; times of starts are medians. */
interface BoardFigures {
  readonly arch: FirmwareArch;
  readonly nodeOptions: string;
  readonly startToSeenMs: number;
  readonly askedToSoundMs: number;
  readonly idleCpuSecondsPerMinute: number;
  readonly playingCpuSecondsPerMinute: number;
  readonly playingPssMb: number;
  readonly playingRssMb: number;
}

/** What the machine makes of Node itself, without a speaker. */
interface MachineFigures {
  readonly arch: FirmwareArch;
  readonly computingSeconds: number;
  readonly sleepingPssMb: number;
}

const pause = (forMs: number) => new Promise<void>((resolve) => setTimeout(resolve, forMs));
const round = (value: number) => Math.round(value * 100) / 100;

/** @returns processor seconds per minute of what a process does just now */
async function costPerMinute(pid: number): Promise<number> {
  const [before, begunMs] = [await cpuSecondsOf(pid), performance.now()];
  await pause(STRETCH_MS);
  const minutes = (performance.now() - begunMs) / MS_PER_SECOND / SECONDS_PER_MINUTE;
  return ((await cpuSecondsOf(pid)) - before) / minutes;
}

class Measuring {
  readonly #house: OpenHouse;
  readonly #folder: string;
  readonly #candidate: Candidate;
  readonly #sound: string;

  constructor(house: OpenHouse, folder: string, candidate: Candidate) {
    this.#house = house;
    this.#folder = folder;
    this.#candidate = candidate;
    this.#sound = path.join(folder, 'sound.wav');
  }

  async run(runs: number): Promise<BoardFigures> {
    const { arch, nodeOptions } = this.#candidate;
    // The first start lays the addons and the compiled code.
    const id = await this.#startOnce(null);
    const startsMs: number[] = [];
    for (let count = 0; count < runs; count += 1) {
      const begunMs = performance.now();
      await this.#startOnce(id, () => startsMs.push(performance.now() - begunMs));
    }
    return { arch, nodeOptions, startToSeenMs: Math.round(medianOf(startsMs)), ...(await this.#play(id)) };
  }

  #start(): ChildProgram {
    const { binary, arch, nodeOptions } = this.#candidate;
    const { command, args } = commandFor(binary, arch);
    const place = ['--data', path.join(this.#folder, 'data'), '--bridge', this.#house.address, '--no-mdns'];
    const sink = ['--sink', `file:${this.#sound}`, '--sample-bits', '24'];
    return new ChildProgram(arch, command, [...args, 'speaker', ...place, ...sink], {
      env: {
        ...readServiceStart().env,
        NODE_OPTIONS: nodeOptions,
        PKG_NATIVE_CACHE_PATH: path.join(this.#folder, 'addons'),
        NODE_COMPILE_CACHE: path.join(this.#folder, 'code'),
      },
    });
  }

  /** @param id null before it is known @returns its id */
  async #startOnce(id: string | null, seen: () => void = () => {}): Promise<string> {
    if (id !== null) await this.#house.misses(id);
    const speaker = this.#start();
    const known = id ?? String((await speaker.waitForEvent('speaker.ready', READY_WITHIN_MS))['id']);
    await this.#house.sees(known);
    seen();
    await speaker.stop();
    return known;
  }

  async #play(id: string): Promise<Omit<BoardFigures, 'arch' | 'nodeOptions' | 'startToSeenMs'>> {
    await this.#house.misses(id);
    const speaker = this.#start();
    try {
      await this.#house.sees(id);
      await pause(SETTLE_MS);
      const idle = await costPerMinute(speaker.pid);
      const sound = new SoundFile(this.#sound);
      const askedMs = performance.now();
      await this.#house.begin(id);
      await sound.isHeard(HEARD_WITHIN_MS);
      const askedToSoundMs = Math.round(performance.now() - askedMs);
      await pause(SETTLE_MS);
      const playing = await costPerMinute(speaker.pid);
      const { pssMb, rssMb } = await memoryOfTree(speaker.pid);
      return {
        askedToSoundMs,
        idleCpuSecondsPerMinute: round(idle),
        playingCpuSecondsPerMinute: round(playing),
        playingPssMb: round(pssMb),
        playingRssMb: round(rssMb),
      };
    } finally {
      await speaker.stop();
    }
  }
}

async function measureMachine(arch: FirmwareArch): Promise<MachineFigures> {
  const { path: node } = await prepareBaseNode(placeFor(arch));
  const { command, args } = commandFor(node, arch);
  const computing = new ChildProgram(arch, command, [...args, '-e', COMPUTING]);
  const { us } = await computing.waitForEvent('computed', READY_WITHIN_MS);
  const computingSeconds = round(Number(us) / US_PER_SECOND);
  const sleeper = new ChildProgram(arch, command, [...args, '-e', SLEEPING]);
  await sleeper.waitForEvent('sleeps', READY_WITHIN_MS);
  const { pssMb } = await memoryOfTree(sleeper.pid);
  await sleeper.stop();
  return { arch, computingSeconds, sleepingPssMb: round(pssMb) };
}

/** @returns each figure of `one` by the same of `base` */
function ratios<Figures extends object>(one: Figures, base: Figures): Record<string, number> {
  const others = new Map<string, unknown>(Object.entries(base));
  const pairs = Object.entries(one).map(([name, value]) => [name, Number(value) / Number(others.get(name))] as const);
  return Object.fromEntries(pairs.filter(([, ratio]) => Number.isFinite(ratio)).map(([name, it]) => [name, round(it)]));
}

/** Each other kind of machine against this one. */
function compare(machines: readonly MachineFigures[], boards: readonly BoardFigures[]) {
  const own = process.arch;
  const times = boards.flatMap((board) => {
    const base = boards.find((it) => it.arch === own && it.nodeOptions === board.nodeOptions);
    return board.arch === own || base === undefined ? [] : [{ ...board, ...ratios(board, base) }];
  });
  const base = machines.find((it) => it.arch === own);
  const others = machines.filter((it) => it.arch !== own);
  return {
    timesThisMachine: base === undefined ? [] : others.map((it) => ({ arch: it.arch, ...ratios(it, base) })),
    timesThisBoard: times,
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: RUNS_DEFAULT },
    'node-options': { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
});
const service = readServiceStart().nodeArgs.join(' ');
const binaries = positionals.flatMap((binary, index) =>
  index % 2 === 0 ? [{ binary: path.resolve(binary), arch: parseArch(positionals[index + 1] ?? '') }] : [],
);
const candidates: readonly Candidate[] = [service, ...values['node-options']].flatMap((nodeOptions) =>
  binaries.map((it) => ({ ...it, nodeOptions })),
);
const root = mkdtempSync(path.join(tmpdir(), 'tonearm-measure-binary-'));
const house = await OpenHouse.open(root, null, TRACK_SECONDS);
try {
  const machines: MachineFigures[] = [];
  for (const { arch } of binaries) machines.push(await measureMachine(arch));
  const boards: BoardFigures[] = [];
  for (const [index, candidate] of candidates.entries()) {
    process.stderr.write(`measuring ${candidate.arch} with NODE_OPTIONS=${JSON.stringify(candidate.nodeOptions)}\n`);
    const folder = path.join(root, String(index));
    mkdirSync(folder);
    boards.push(await new Measuring(house, folder, candidate).run(Number(values.runs)));
  }
  const result = { event: 'binary.measured', machines, boards, ...compare(machines, boards) };
  if (values.json) console.log(JSON.stringify(result));
  else console.log(JSON.stringify(result, null, 2));
} finally {
  await house.close();
  rmSync(root, { recursive: true, force: true });
}
