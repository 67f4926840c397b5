/** Runs another program for a moment and keeps what it said. For looking at the machine, not for work. */
import { execFile } from 'node:child_process';

const DEADLINE_MS = 10_000;
const OUTPUT_BYTES_MAX = 256 * 1024;

export interface ProgramOutcome {
  /** Null when it could not be started, was killed, or took too long. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly isMissing: boolean;
}

/** Never rejects: that a program fails is a finding. */
export function runProgram(program: string, parameters: readonly string[]): Promise<ProgramOutcome> {
  return new Promise((resolve) => {
    execFile(
      program,
      [...parameters],
      { timeout: DEADLINE_MS, maxBuffer: OUTPUT_BYTES_MAX },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({ exitCode: typeof code === 'number' ? code : null, stdout, stderr, isMissing: code === 'ENOENT' });
      },
    );
  });
}
