/**
 * A network of a test's own: a namespace of the kernel with one cable to ours, in which a program has an address that can
 * be taken from it and another given, as a router does. Only for root; where that is not so, `missing` says why.
 */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const WITHIN_MS = 10_000;
/** Names of interfaces have at most 15 characters. */
const NAME_BYTES = 3;
/** A /29 out of what nobody routes: ours, and two that the program may have. */
const PREFIX = 29;
const OCTET_COUNT = 200;

/** Why there can be none, or null. */
export function missingForPrivateNetwork(): string | null {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const name = `tonearm-${randomBytes(NAME_BYTES).toString('hex')}`;
  const made = spawnSync('ip', ['netns', 'add', name]);
  if (made.status !== 0) return 'no network namespaces here (apt-get install iproute2)';
  spawnSync('ip', ['netns', 'del', name]);
  return null;
}

export class PrivateNetwork {
  readonly name: string;
  /** Of this machine, as seen from within. */
  readonly hostAddress: string;
  readonly #cable: string;
  readonly #inner: readonly [string, string];

  private constructor() {
    const id = randomBytes(NAME_BYTES);
    const hex = id.toString('hex');
    this.name = `tonearm-${hex}`;
    this.#cable = `ta${hex}`;
    const net = `10.${201 + ((id[0] ?? 0) % 50)}.${(id[1] ?? 0) % OCTET_COUNT}`;
    this.hostAddress = `${net}.1`;
    this.#inner = [`${net}.2`, `${net}.3`];
  }

  static async open(): Promise<PrivateNetwork> {
    const network = new PrivateNetwork();
    const { name } = network;
    const [ours, theirs] = [`${network.#cable}a`, `${network.#cable}b`];
    try {
      await ip('netns', 'add', name);
      await ip('link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', name);
      await ip('addr', 'add', `${network.hostAddress}/${PREFIX}`, 'dev', ours);
      await ip('link', 'set', ours, 'up');
      await ip('-n', name, 'link', 'set', 'lo', 'up');
      await ip('-n', name, 'link', 'set', theirs, 'up');
      await ip('-n', name, 'addr', 'add', `${network.#inner[0]}/${PREFIX}`, 'dev', theirs);
      return network;
    } catch (thrown) {
      await network.close();
      throw thrown;
    }
  }

  /** Takes the address away and gives the other one. @returns the address that it has now */
  async readdress(isBack: boolean): Promise<string> {
    const [old, next] = isBack ? [this.#inner[1], this.#inner[0]] : this.#inner;
    const device = `${this.#cable}b`;
    await ip('-n', this.name, 'addr', 'del', `${old}/${PREFIX}`, 'dev', device);
    await ip('-n', this.name, 'addr', 'add', `${next}/${PREFIX}`, 'dev', device);
    return next;
  }

  /** With what runs in it still running it lasts until that ends. */
  async close(): Promise<void> {
    await ip('netns', 'del', this.name).catch(() => undefined);
    // Goes with the namespace, some time later; by name it goes now.
    await ip('link', 'del', `${this.#cable}a`).catch(() => undefined);
  }
}

function ip(...args: readonly string[]): Promise<unknown> {
  return execute('ip', args, { timeout: WITHIN_MS });
}
