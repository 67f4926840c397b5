/**
 * A household of network namespaces: each room has an address of its own on one bridge of the kernel, so that mDNS, changes
 * of address and pulled cables are real for whatever program runs in it. Only for root; where that is not so, `missing` says
 * why. What a run has left behind that was killed is removed at the next start: names carry the process that made them.
 */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { TonearmError } from '#protocol/vocabulary/errors';

const execute = promisify(execFile);
const WITHIN_MS = 10_000;
export const ROOMS_MAX = 50;
/** `tonearm-PID.CHANCE-ROOM`; names of interfaces have at most 15 characters: `ta` PID `.` CHANCE and what it is. */
const NAMESPACE = /^tonearm-([0-9a-z]{1,5})\.([0-9a-f]{2})-[a-z-]+$/;
const BRIDGE = /^ta([0-9a-z]{1,5})\.([0-9a-f]{2})b$/;
const CHANCE_BYTES = 1;
const PREFIX = 24;
/** Out of what homes rarely use. */
const NET = { first: 10, second: { least: 201, most: 250 } } as const;
const NETS_TRIED_MAX = 20;
const FIRST_ROOM_PLACE = 11;
const LAST_PLACE = 254;

/** Why there can be none, or null. */
export function missingForRooms(): string | null {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const name = `tonearm-${randomBytes(3).toString('hex')}`;
  const made = spawnSync('ip', ['netns', 'add', name]);
  if (made.status !== 0) return 'no network namespaces here (apt-get install iproute2)';
  const bridged = spawnSync('ip', ['-n', name, 'link', 'add', 'name', 'house', 'type', 'bridge']);
  spawnSync('ip', ['netns', 'del', name]);
  return bridged.status === 0 ? null : 'no bridges of the kernel here';
}

export interface Room {
  readonly name: string;
  /** For `ip netns exec`. */
  readonly namespace: string;
  /** Now. */
  readonly address: string;
  readonly isPlugged: boolean;
}

interface KeptRoom {
  readonly name: string;
  readonly namespace: string;
  /** Of its cable, in the bridge. */
  readonly cable: string;
  place: number;
  isPlugged: boolean;
}

export class NetworkRooms {
  /** Of this machine, as seen from the rooms. */
  readonly hostAddress: string;
  readonly #net: string;
  readonly #bridge: string;
  readonly #rooms: KeptRoom[] = [];
  /** Places in the network are given in turn, so that an address that was given up is nobody's for a while. */
  #nextPlace = FIRST_ROOM_PLACE - 1;

  private constructor(net: string, bridge: string) {
    this.#net = net;
    this.#bridge = bridge;
    this.hostAddress = `${net}.1`;
  }

  /** @param names of the rooms: small letters and dashes, each once */
  static async open(names: readonly string[]): Promise<NetworkRooms> {
    await removeLeftOvers();
    const owner = `${process.pid.toString(36)}.${randomBytes(CHANCE_BYTES).toString('hex')}`;
    const rooms = new NetworkRooms(await freeNet(), `ta${owner}b`);
    try {
      // Without snooping a bridge passes on every multicast, as a home's switch does; with it mDNS would need a querier.
      await ip('link', 'add', 'name', rooms.#bridge, 'type', 'bridge', 'mcast_snooping', '0');
      await ip('addr', 'add', `${rooms.hostAddress}/${PREFIX}`, 'dev', rooms.#bridge);
      await ip('link', 'set', rooms.#bridge, 'up');
      for (const [place, name] of names.entries()) await rooms.#add(owner, name, place);
      return rooms;
    } catch (thrown) {
      await rooms.close();
      throw thrown;
    }
  }

  get rooms(): readonly Room[] {
    return this.#rooms.map(({ name, namespace, place, isPlugged }) => ({
      ...{ name, namespace, isPlugged },
      address: `${this.#net}.${place}`,
    }));
  }

  /**
   * Takes the address away and gives another, as a router does.
   * @param address null: the next that is nobody's
   * @returns the address that it has now
   * @throws TonearmError input.unknown, input.invalid for a room or an address that cannot be
   */
  async readdress(name: string, address: string | null = null): Promise<string> {
    const room = this.#find(name);
    const place = address === null ? this.#takePlace() : this.#placeOf(address);
    const [old, next] = [room.place, place].map((it) => `${this.#net}.${it}/${PREFIX}`);
    room.place = place;
    await ip('-n', room.namespace, 'addr', 'del', old ?? '', 'dev', 'eth0');
    await ip('-n', room.namespace, 'addr', 'add', next ?? '', 'dev', 'eth0');
    await this.#route(room);
    return `${this.#net}.${place}`;
  }

  /** Pulls its cable, or puts it in again. @throws TonearmError input.unknown */
  async plug(name: string, isPlugged: boolean): Promise<void> {
    const room = this.#find(name);
    await ip('link', 'set', room.cable, isPlugged ? 'up' : 'down');
    room.isPlugged = isPlugged;
  }

  /** What has gone through a room's cable since it was laid, as the room sees it. */
  traffic(name: string): { readonly inBytes: number; readonly outBytes: number } {
    const { cable } = this.#find(name);
    const read = (which: string) => Number(readFileSync(`/sys/class/net/${cable}/statistics/${which}_bytes`, 'utf8'));
    return { inBytes: read('tx'), outBytes: read('rx') };
  }

  /** Programs that still run in a room keep it until they end; nobody reaches them there. */
  async close(): Promise<void> {
    for (const { cable, namespace } of this.#rooms) {
      await ip('link', 'del', cable).catch(() => undefined);
      await ip('netns', 'del', namespace).catch(() => undefined);
    }
    await ip('link', 'del', this.#bridge).catch(() => undefined);
  }

  async #add(owner: string, name: string, index: number): Promise<void> {
    const namespace = `tonearm-${owner}-${name}`;
    const room: KeptRoom = {
      ...{ name, namespace, cable: `ta${owner}r${index}` },
      place: this.#takePlace(),
      isPlugged: true,
    };
    await ip('netns', 'add', namespace);
    this.#rooms.push(room);
    await ip('link', 'add', 'name', room.cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await ip('link', 'set', room.cable, 'master', this.#bridge, 'up');
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await ip('-n', namespace, 'link', 'set', 'eth0', 'up');
    await ip('-n', namespace, 'addr', 'add', `${this.#net}.${room.place}/${PREFIX}`, 'dev', 'eth0');
    await this.#route(room);
  }

  /** Without it nothing is sent to a group; it goes with the last address. */
  async #route({ namespace }: KeptRoom): Promise<void> {
    await ip('-n', namespace, 'route', 'replace', 'default', 'via', this.hostAddress, 'dev', 'eth0');
  }

  #find(name: string): KeptRoom {
    const room = this.#rooms.find((it) => it.name === name);
    if (room !== undefined) return room;
    const known = this.#rooms.map((it) => it.name).join(', ');
    throw new TonearmError('input.unknown', `there is no room ${name.slice(0, 40)}; there are ${known}`, {
      field: 'room',
    });
  }

  #isTaken(place: number): boolean {
    return this.#rooms.some((room) => room.place === place);
  }

  #takePlace(): number {
    do {
      this.#nextPlace = this.#nextPlace >= LAST_PLACE ? FIRST_ROOM_PLACE : this.#nextPlace + 1;
    } while (this.#isTaken(this.#nextPlace));
    return this.#nextPlace;
  }

  #placeOf(address: string): number {
    const place = address.startsWith(`${this.#net}.`) ? Number(address.slice(this.#net.length + 1)) : Number.NaN;
    if (Number.isInteger(place) && place >= 2 && place <= LAST_PLACE && !this.#isTaken(place)) return place;
    const message = `must be free and from ${this.#net}.2 to ${this.#net}.${LAST_PLACE}, not ${address.slice(0, 40)}`;
    throw new TonearmError('input.invalid', `address ${message}`, { field: 'address' });
  }
}

/** Of runs that were killed. Those of a process that lives are its own. */
async function removeLeftOvers(): Promise<void> {
  const namespaces = (await list('netns', 'list')).filter((name) => isLeftOver(NAMESPACE.exec(name)?.[1]));
  const bridges = (await list('-br', 'link', 'show', 'type', 'bridge')).filter((name) =>
    isLeftOver(BRIDGE.exec(name)?.[1]),
  );
  for (const namespace of namespaces) await ip('netns', 'del', namespace).catch(() => undefined);
  for (const bridge of bridges) {
    for (const cable of await list('-br', 'link', 'show', 'master', bridge)) {
      await ip('link', 'del', cable.split('@')[0] ?? '').catch(() => undefined);
    }
    await ip('link', 'del', bridge).catch(() => undefined);
  }
}

function isLeftOver(owner: string | undefined): boolean {
  if (owner === undefined) return false;
  try {
    process.kill(Number.parseInt(owner, 36), 0);
    return false;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** The first three numbers of a network that this machine knows nothing of. */
async function freeNet(): Promise<string> {
  for (let tried = 0; tried < NETS_TRIED_MAX; tried += 1) {
    const net = `${NET.first}.${randomInt(NET.second.least, NET.second.most + 1)}.${randomInt(0, 256)}`;
    if ((await list('route', 'show', 'root', `${net}.0/${PREFIX}`)).length === 0) return net;
  }
  throw new TonearmError('config.invalid', 'this machine knows every network that was tried');
}

/** The first word of each line. */
async function list(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await execute('ip', [...args], { timeout: WITHIN_MS });
  const words = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
  return words.filter((word) => word !== '');
}

function ip(...args: readonly string[]): Promise<unknown> {
  return execute('ip', args, { timeout: WITHIN_MS });
}
