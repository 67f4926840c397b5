/** Which start of the machine this is: monotonic times of two processes can be compared only within one. */
import { readFileSync } from 'node:fs';

/** The kernel's own; a container has that of its machine. */
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** Null where the system does not say. */
export function readBootId(): string | null {
  try {
    return readFileSync(BOOT_ID_FILE, 'utf8').trim();
  } catch {
    return null;
  }
}
