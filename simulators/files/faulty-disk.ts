/**
 * `node:fs/promises` with a disk under it that fails at an operation of the test's choice, or loses its power there and with
 * it whatever was written and never forced to it. For `vi.mock`: real files, so that what is tested is what runs.
 */
import { Buffer } from 'node:buffer';
import type * as Files from 'node:fs/promises';
import { truncate } from 'node:fs/promises';

export type DiskFault =
  /** The operation with this number (from 1) fails with the code; a write leaves half of it. For good: all after it too. */
  | { readonly kind: 'fails'; readonly code: string; readonly at: number; readonly isForGood: boolean }
  /** From this operation on nothing happens any more. */
  | { readonly kind: 'loses power'; readonly at: number };

/** Operations that touch the disk; whatever else there is, is passed through. */
const OPERATIONS = [
  'open',
  'readFile',
  'writeFile',
  'rename',
  'unlink',
  'mkdir',
  'readdir',
  'stat',
  'rm',
  'utimes',
  'chmod',
] as const;
const HANDLE_OPERATIONS = [
  'writeFile',
  'write',
  'read',
  'readFile',
  'sync',
  'datasync',
  'chmod',
  'stat',
  'truncate',
] as const;

type Operation = (...args: unknown[]) => Promise<unknown>;

export class FaultyDisk {
  readonly #fault: DiskFault;
  readonly #unsynced = new Set<string>();
  #operations = 0;

  constructor(fault: DiskFault) {
    this.#fault = fault;
  }

  /** Whether the operation that was to fail has come. */
  get hasStruck(): boolean {
    return this.#operations >= this.#fault.at;
  }

  /** Counts an operation. @throws when it is one that fails */
  async perform(
    name: string,
    path: string,
    content: unknown,
    action: (content: unknown) => Promise<unknown>,
  ): Promise<unknown> {
    this.#operations += 1;
    const isStruck =
      this.#operations === this.#fault.at ||
      (this.#operations > this.#fault.at && (this.#fault.kind === 'loses power' || this.#fault.isForGood));
    const isWrite = name === 'writeFile' || name === 'write';
    if (isWrite) this.#unsynced.add(path);
    if (!isStruck) {
      const outcome = await action(content);
      if (name === 'sync' || name === 'datasync') this.#unsynced.delete(path);
      return outcome;
    }
    if (isWrite && this.#operations === this.#fault.at) await action(halfOf(content));
    const code = this.#fault.kind === 'fails' ? this.#fault.code : 'EIO';
    throw Object.assign(new Error(`${code}: as the test wants it, at ${name}`), { code });
  }

  /** A file keeps its content under its new name: what was not forced to the disk still is not. */
  renamed(from: string, to: string): void {
    this.#unsynced.delete(to);
    if (this.#unsynced.delete(from)) this.#unsynced.add(to);
  }

  /** After a power cut, files that were written and not forced to the disk are there and empty, as ext4 leaves them. */
  async loseWhatIsNotSynced(): Promise<void> {
    if (this.#fault.kind !== 'loses power') return;
    for (const path of this.#unsynced) await truncate(path).catch(() => {});
  }
}

/** @param current the disk of the moment; null: a good one */
export function createFaultyFiles(real: typeof Files, current: () => FaultyDisk | null): typeof Files {
  const faulty: Record<string, unknown> = { ...real };
  for (const name of OPERATIONS) {
    const action = real[name] as Operation;
    faulty[name] = async (...args: unknown[]): Promise<unknown> => {
      const disk = current();
      const path = String(args[0]);
      const [, second, ...others] = args;
      if (disk === null) return action(...args);
      const outcome = await disk.perform(name, path, second, (content) => action(args[0], content, ...others));
      if (name === 'rename') disk.renamed(path, String(second));
      return name === 'open' ? faultyHandle(outcome as Files.FileHandle, path, disk) : outcome;
    };
  }
  return faulty as unknown as typeof Files;
}

function faultyHandle(handle: Files.FileHandle, path: string, disk: FaultyDisk): Files.FileHandle {
  return new Proxy(handle, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const name = String(property);
      if (!HANDLE_OPERATIONS.some((it) => it === name)) return value.bind(target);
      return (content: unknown, ...others: unknown[]) =>
        disk.perform(name, path, content, (it) => (value as Operation).call(target, it, ...others));
    },
  });
}

function halfOf(content: unknown): unknown {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as Uint8Array);
  return bytes.subarray(0, bytes.length >> 1);
}
