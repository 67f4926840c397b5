/**
 * Runs one program in the place of ours: same terminal, same signals, same exit code. Every launcher ends in it, so that
 * `npm start` behaves under Ctrl-C and under a service manager as the program itself would.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Signals that ask a program to end; all are passed on, and it is the child that decides. */
const FORWARDED_SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** What a shell returns when a program could not be started. */
const EXIT_NOT_STARTED = 127;

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stdout?: 'inherit' | 'stderr' }} [options] `stderr` sends the child's
 *   output where it cannot mix with data that the caller prints
 * @returns {Promise<number>} exit code; 128 + number of the signal that ended it
 */
export function runProcess(command, args, options = {}) {
  return new Promise((resolve) => {
    const stdout = options.stdout === 'stderr' ? process.stderr : 'inherit';
    const child = spawn(command, args, {
      stdio: ['inherit', stdout, 'inherit'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    const forwarders = FORWARDED_SIGNALS.map((signal) => /** @type {const} */ ([signal, () => child.kill(signal)]));
    for (const [signal, forward] of forwarders) process.on(signal, forward);
    /** @param {number} code */
    const settle = (code) => {
      for (const [signal, forward] of forwarders) process.off(signal, forward);
      resolve(code);
    };
    child.once('error', (error) => {
      process.stderr.write(`cannot run ${command}: ${error.message}\n`);
      settle(EXIT_NOT_STARTED);
    });
    child.once('exit', (code, signal) => settle(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
