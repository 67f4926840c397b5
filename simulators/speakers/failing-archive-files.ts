/** A real disk of which one operation fails, by its number: so that a test can have each of them fail in turn. */
import { type ArchiveFiles, createArchiveFiles } from '#device/adapters/disk-archive/archive-files';

const OPERATIONS = ['list', 'look', 'makeFolder', 'read', 'write', 'rename', 'remove', 'removeFolder'] as const;

export interface FailingFiles {
  readonly files: ArchiveFiles;
  /** Operations so far, the failed one included. */
  counted(): number;
}

/** @param number from 1; 0 for none. A write that fails leaves its first bytes, as a full disk does */
export function failingArchiveFiles(number: number, code: string): FailingFiles {
  const real = createArchiveFiles();
  let operations = 0;
  const failing: Record<string, unknown> = { ...real };
  for (const name of OPERATIONS) {
    const action = real[name] as (...args: unknown[]) => Promise<unknown>;
    failing[name] = async (...args: unknown[]) => {
      operations += 1;
      if (operations !== number) return action(...args);
      if (name === 'write') await real.write(String(args[0]), (args[1] as Uint8Array).subarray(0, 100));
      throw Object.assign(new Error(`${code}, as the test wants it`), { code });
    };
  }
  return { files: failing as unknown as ArchiveFiles, counted: () => operations };
}
