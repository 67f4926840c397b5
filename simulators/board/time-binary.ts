/**
 * `time-binary.ts BINARY BUNDLE [--runs N]`: how long it takes from the start of a speaker until its bridge sees it, for the binary
 * and for plain Node with the same bundle, in turn; and the memory of each while it plays. For this machine's kind.
 *
 * As the service starts it: with the same options of Node, and a folder for compiled code, which the first start fills.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { medianOf } from '#sim/bench/bench';
import { memoryOfTree } from '#sim/bench/process-memory';
import { ChildProgram } from '#sim/processes/child-program';
import { readServiceStart } from '#sim/processes/service-start';
import { run } from './clean-root.ts';
import { OpenHouse } from './open-house.ts';

const RUNS_DEFAULT = '11';
const READY_WITHIN_MS = 60_000;
/** Of playing, before memory is looked at. */
const PLAY_MS = 15_000;

interface Candidate {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly hasCodeCache: boolean;
  readonly startsMs: number[];
}

class Stage {
  readonly #house: OpenHouse;
  readonly #folder: string;

  constructor(house: OpenHouse, folder: string) {
    this.#house = house;
    this.#folder = folder;
  }

  start({ name, command, args, hasCodeCache }: Candidate): ChildProgram {
    const { nodeArgs, env } = readServiceStart();
    const own = path.join(this.#folder, name.replaceAll(' ', '-'));
    const flags = ['--name', name, '--bridge', this.#house.address, '--sink', 'virtual', '--no-mdns'];
    return new ChildProgram(name, command, [...args, '--data', own, ...flags], {
      env: {
        ...env,
        NODE_OPTIONS: nodeArgs.join(' '),
        PKG_NATIVE_CACHE_PATH: path.join(this.#folder, 'addons'),
        ...(hasCodeCache ? { NODE_COMPILE_CACHE: path.join(this.#folder, 'code') } : {}),
      },
    });
  }

  /** @returns its id, once it has been seen; the folders are filled then */
  async warm(candidate: Candidate): Promise<string> {
    const speaker = this.start(candidate);
    const { id } = await speaker.waitForEvent('speaker.ready', READY_WITHIN_MS);
    await this.#house.sees(String(id));
    await speaker.stop();
    return String(id);
  }

  async time(candidate: Candidate, id: string): Promise<void> {
    await this.#house.misses(id);
    const begun = performance.now();
    const speaker = this.start(candidate);
    await this.#house.sees(id);
    candidate.startsMs.push(performance.now() - begun);
    await speaker.stop();
  }

  async memory(candidate: Candidate, id: string): Promise<number> {
    const speaker = this.start(candidate);
    await this.#house.sees(id);
    await this.#house.play(id, PLAY_MS);
    const { rssMb } = await memoryOfTree(speaker.pid);
    await speaker.stop();
    return rssMb;
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: RUNS_DEFAULT } },
});
const [binary = '', bundle = ''] = positionals.map((file) => path.resolve(file));
const node = { command: process.execPath, args: [bundle] };
const candidates: readonly Candidate[] = [
  { name: 'node', ...node, hasCodeCache: false, startsMs: [] },
  { name: 'node with cache', ...node, hasCodeCache: true, startsMs: [] },
  { name: 'binary', command: binary, args: ['speaker'], hasCodeCache: true, startsMs: [] },
];
const folder = mkdtempSync(path.join(tmpdir(), 'tonearm-time-binary-'));
// What has just been written lies in large pieces in the system's cache, of which whole ones count as the process's memory
// that nobody has touched (25 MB). Read from a disk it does not.
run('dd', [`of=${binary}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
const house = await OpenHouse.open(folder, null);
try {
  const stage = new Stage(house, folder);
  const ids = new Map<Candidate, string>();
  for (const candidate of candidates) ids.set(candidate, await stage.warm(candidate));
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const [candidate, id] of ids) await stage.time(candidate, id);
  }
  const plain = medianOf(candidates[0]?.startsMs ?? []);
  for (const [candidate, id] of ids) {
    const startMs = medianOf(candidate.startsMs);
    const rssMb = await stage.memory(candidate, id);
    const ratio = (startMs / plain).toFixed(2);
    console.log(
      `${candidate.name}: ${Math.round(startMs)} ms to seen (${ratio} ×), ${rssMb.toFixed(1)} MB while it plays`,
    );
  }
} finally {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
}
