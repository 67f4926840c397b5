/**
 * Seconds of processor time that a process has used, all its threads, to the nanosecond. The kernel keeps them in
 * `/proc` only in hundredths of a second, which is a tenth of what a good player uses in half a minute; its clock for
 * another process is finer, and Python can read that one.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const TICKS_PER_SECOND = 100;
/** Number of the clock that counts what a process is scheduled (CPUCLOCK_SCHED of linux/posix-timers.h). */
const READ_CLOCK = 'import sys, time; print(time.clock_gettime((~int(sys.argv[1]) << 3) | 2))';

export async function cpuSecondsOf(pid: number): Promise<number> {
  try {
    const { stdout } = await promisify(execFile)('python3', ['-c', READ_CLOCK, String(pid)]);
    return Number(stdout);
  } catch {
    return await fromTicks(pid);
  }
}

/** Fields 14 and 15 of proc_pid_stat(5), user and system; the second field may contain spaces. */
async function fromTicks(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
