/**
 * `tonearm simulate network --namespaces`: a speaker in a room finds its bridge by mDNS, is unplugged and plugged in and is
 * given another address; and of a run that was killed nothing is left after the next one.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildProgram } from '#sim/processes/child-program';
import { HouseholdProcesses } from '#sim/processes/household-processes';
import { missingForRooms } from './network-rooms.ts';

const MAIN = join(import.meta.dirname, '..', 'command-line', 'main.ts');
const WITHIN_MS = 20_000;

const missing = missingForRooms();
if (missing !== null) console.warn(`rooms are not run: ${missing}`);

class RoomsProgram {
  readonly program: ChildProgram;

  constructor(count: number) {
    const args = [MAIN, 'network', '--namespaces', String(count), '--control', '0'];
    this.program = new ChildProgram('rooms', process.execPath, args);
  }

  async namespace(room: string): Promise<string> {
    const line = await this.program.waitForLine(new RegExp(`^${room} [\\d.]+ ip netns exec `), WITHIN_MS);
    return line.split(' ').at(-1) ?? '';
  }

  async order(method: 'PUT' | 'POST', path: string): Promise<number> {
    const control = (await this.program.waitForLine(/^control /, WITHIN_MS)).slice('control '.length);
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${control}${path}`, { method, headers })).status;
  }
}

function namespaces(): string {
  return spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout;
}

describe.runIf(missing === null)('rooms on a network of their own', { timeout: 60_000 }, () => {
  let killed: string;
  let rooms: RoomsProgram;
  let house: HouseholdProcesses;

  beforeAll(async () => {
    const first = new RoomsProgram(1);
    killed = await first.namespace('kitchen');
    first.program.kill('SIGKILL');
    await first.program.waitForExit(WITHIN_MS);
    expect(namespaces()).toContain(killed);
    rooms = new RoomsProgram(2);
    await rooms.namespace('living-room');
    house = await HouseholdProcesses.create();
  }, 60_000);

  afterAll(async () => {
    await house?.stop();
    await rooms?.program.stop();
  });

  it('removes what a run that was killed has left', () => {
    expect(namespaces()).not.toContain(killed);
  });

  it('carries mDNS: a speaker finds its bridge, and again with another address', async () => {
    await house.startBridge({ hasMdns: true, netns: await rooms.namespace('kitchen') });
    const netns = await rooms.namespace('living-room');
    const { program } = await house.startSpeaker({ name: 'Living Room', bridge: null, hasMdns: true, netns });
    await program.waitForCount('speaker.connected', 1, WITHIN_MS);
    expect(await rooms.order('PUT', '/rooms/living-room/address')).toBe(200);
    await program.waitForCount('speaker.connected', 2, WITHIN_MS);
  });

  it('pulls a cable, and nobody reaches the room until it is put in again', async () => {
    const netns = await rooms.namespace('kitchen');
    const carrier = () =>
      spawnSync('ip', ['-n', netns, '-br', 'link', 'show', 'eth0'], { encoding: 'utf8' }).stdout.includes('LOWER_UP');
    expect(await rooms.order('POST', '/rooms/kitchen/unplug')).toBe(200);
    expect(carrier()).toBe(false);
    expect(await rooms.order('POST', '/rooms/kitchen/plug')).toBe(200);
    await expect.poll(carrier).toBe(true);
    expect(await rooms.order('POST', '/rooms/moon/plug')).toBe(404);
  });

  it('leaves nothing behind', async () => {
    const mine = await rooms.namespace('kitchen');
    await rooms.program.stop();
    expect(namespaces()).not.toContain(mine);
  });
});
