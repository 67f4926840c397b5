/** One of libgpiod's tools as a child process, which ends with the speaker. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type GpioVersion, parseGpioVersion } from './gpio-arguments.ts';

/** To say which version it is. */
const ASK_WITHIN_MS = 5_000;
/** Characters of its complaint that are kept. */
const COMPLAINT_LENGTH_MAX = 300;

/** @param folder where tools are, in a test; null: as PATH finds them */
export function toolPath(folder: string | null, name: 'gpiomon' | 'gpioset'): string {
  return folder === null ? name : `${folder}/${name}`;
}

/** @returns the version, or in words why there is none */
export function askVersion(program: string): Promise<GpioVersion | string> {
  return new Promise((resolve) => {
    execFile(program, ['--version'], { timeout: ASK_WITHIN_MS }, (error, stdout) => {
      const version = error === null ? parseGpioVersion(stdout) : null;
      if (version !== null) resolve(version);
      else if (error?.code === 'ENOENT') resolve(`${program} is not installed: sudo apt-get install gpiod`);
      else resolve(`${program} is none of libgpiod 1 or 2: ${error?.message ?? stdout.slice(0, COMPLAINT_LENGTH_MAX)}`);
    });
  });
}

export interface GpioTool {
  /** With why, in words, when it has ended or was never begun. */
  readonly ended: Promise<string>;
  end(): void;
}

/** @param line called for each line that it writes */
export function runTool(program: string, args: readonly string[], line: (text: string) => void): GpioTool {
  const child: ChildProcess = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const { promise, resolve } = Promise.withResolvers<string>();
  let complaint = '';
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = (lines.pop() ?? '').slice(0, COMPLAINT_LENGTH_MAX);
    for (const each of lines) line(each);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(0, COMPLAINT_LENGTH_MAX);
  });
  child.on('error', (cause) => resolve(cause.message));
  child.on('exit', (exitCode, signal) => {
    const why = complaint.trim();
    resolve(why === '' ? `${program} has ended (${signal ?? `exit code ${exitCode}`})` : why);
  });
  return { ended: promise, end: () => void child.kill('SIGTERM') };
}
