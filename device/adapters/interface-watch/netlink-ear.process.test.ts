/** The kernel's own word: heard of a real cable and a real address, and no thread or descriptor left by who listened. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addonPath } from '#protocol/adapters/native-addon';
import { createJsonLogger } from '#protocol/kit/json-logger';
import { ChildProgram } from '#sim/processes/child-program';
import { missingForRooms, NetworkRooms } from '#sim/rooms/network-rooms';
import { VirtualClock } from '#sim/world/virtual-clock';
import { createNetlinkEar } from './netlink-ear.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');
const PROGRAM = path.join(ROOT, 'simulators', 'processes', 'address-watch-program.ts');
const ROOM = 'kitchen';
/** Far less than the minute after which a watch looks without having heard anything. */
const WITHIN_MS = 15_000;
const ROUNDS = 200;
/** Of the test's own: what it reads and writes meanwhile. */
const OTHER_DESCRIPTORS_MAX = 10;
/** A worker, or a program, that listens, says so, and never closes. */
const LISTENER = `
  const holder = { exports: {} };
  process.dlopen(holder, ${JSON.stringify(addonPath(ROOT, 'network-watch'))});
  globalThis.opened = holder.exports.open(() => {});
`;
const execute = promisify(execFile);

const missing = missingForRooms();
if (missing !== null) console.warn(`the kernel's word of a real change is not waited for: ${missing}`);

function ear(root = ROOT) {
  const events: string[] = [];
  const logger = createJsonLogger((line) => events.push(JSON.parse(line).event), new VirtualClock());
  return { ear: createNetlinkEar(logger, root), events };
}

/** Of this process, by the name that the addon gives them. */
function listeningThreads(): number {
  const threads = readdirSync('/proc/self/task');
  return threads.filter((id) => nameOf(id) === 'network-watch').length;
}

function nameOf(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim();
  } catch {
    // It ended between the two calls.
    return '';
  }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe.runIf(missing === null)('a watch of real addresses', () => {
  let rooms: NetworkRooms;
  let program: ChildProgram;

  beforeAll(async () => {
    rooms = await NetworkRooms.open([ROOM]);
    const namespace = rooms.rooms[0]?.namespace ?? '';
    // IPv6 gives itself an address and tells of it a second later: a word that a test of another must not hear.
    const withoutIpv6 = 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6';
    await execute('ip', ['netns', 'exec', namespace, 'sh', '-c', withoutIpv6], { timeout: WITHIN_MS });
    program = new ChildProgram('watch', 'ip', ['netns', 'exec', namespace, process.execPath, PROGRAM]);
    await program.waitForEvent('address-watch.begun', WITHIN_MS);
  });

  afterAll(async () => {
    await program?.stop();
    await rooms?.close();
  });

  /** Resolves when it has told of a change after which it has the address, or has it no more. */
  const told = (has: boolean, address: string) =>
    program.waitForEvent(
      'address-watch.changed',
      WITHIN_MS,
      ({ addresses }) => String(addresses).split(' ').includes(address) === has,
    );

  it('hears of another address, and of a cable that is pulled', async () => {
    const address = await rooms.readdress(ROOM);
    await told(true, address);
    await rooms.plug(ROOM, false);
    await told(false, address);
  });
});

describe('the ear for the kernel', () => {
  const nobody = { heard: () => undefined, ended: () => undefined };

  it('leaves no thread and no descriptor, however often it is opened', async () => {
    const { ear: own, events } = ear();
    own.open(nobody)?.close();
    const before = descriptors();
    for (let round = 0; round < ROUNDS; round += 1) own.open(nobody)?.close();
    expect(events).toEqual([]);
    expect(listeningThreads()).toBe(0);
    expect(descriptors()).toBeLessThan(before + OTHER_DESCRIPTORS_MAX);
  });

  it('is one thread while it is open, and closes once', async () => {
    const opened = ear().ear.open(nobody);
    // A new thread gives itself its name.
    await vi.waitFor(() => expect(listeningThreads()).toBe(1), WITHIN_MS);
    opened?.close();
    opened?.close();
    expect(listeningThreads()).toBe(0);
  });

  it('ends with a worker that did not close it', async () => {
    const script = `${LISTENER}; require('node:worker_threads').parentPort.once('message', () => {});`;
    const worker = new Worker(script, { eval: true });
    await vi.waitFor(() => expect(listeningThreads()).toBe(1), WITHIN_MS);
    await worker.terminate();
    expect(listeningThreads()).toBe(0);
  });

  it('keeps no process from ending', async () => {
    const program = new ChildProgram('listener', process.execPath, ['-e', LISTENER]);
    expect(await program.waitForExit(WITHIN_MS), program.output()).toBe(0);
  });

  it('says why nothing is heard where the addon is not', () => {
    const { ear: own, events } = ear(import.meta.dirname);
    expect(own.open(nobody)).toBeNull();
    expect(events).toEqual(['network-watch.deaf']);
  });
});
