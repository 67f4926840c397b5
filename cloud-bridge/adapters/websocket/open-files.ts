/** How many files, and so sockets, this process may have open. Node has raised its own limit to the hard one by then. */
import { readFileSync } from 'node:fs';

/** @returns null where the kernel does not say, or sets no limit */
export function openFilesMax(): number | null {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}
