/**
 * Loaded into each program of a household before its own code: when the household is gone, even by kill -9, its end of stdin
 * closes, and the program ends itself as if told to. Without it a killed `npm start` would leave music that nobody can stop.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
  process.stdin.on('error', () => process.kill(process.pid, 'SIGTERM'));
  process.stdin.resume();
  // The program's own work alone decides how long it lives.
  if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
}
