/** Phones as a process of their own, that command speakers by chance at a given rate, and how soon they were answered. */
import { join } from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';

const PROGRAM = join(import.meta.dirname, 'phones-program.ts');
const READY_WITHIN_MS = 20_000;
/** A run takes its seconds, a fifth before them, and as long again at most. */
const RUN_WITHIN_MS_EACH_SECOND = 2_000;

export interface Course {
  readonly kind: 'tonearm' | 'bare' | 'mqtt';
  readonly url: string;
  /** Speakers, from number 0. */
  readonly size: number;
  /** Of the header `Authorization`; absent: none. */
  readonly authorization?: string;
}

/** ms, from the issue of a command to its answer. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** Fails when a command is refused or not answered. */
export async function runPhonesProgram(
  { kind, url, size, authorization = '' }: Course,
  { phones, perSecond, seconds }: { readonly phones: number; readonly perSecond: number; readonly seconds: number },
): Promise<Latencies> {
  const args = [kind, url, size, phones, perSecond, seconds].map(String);
  const env = { PHONES_AUTHORIZATION: authorization };
  const program = new ChildProgram('phones', process.execPath, [PROGRAM, ...args], { env });
  try {
    const done = await program.waitForEvent('phones.done', READY_WITHIN_MS + RUN_WITHIN_MS_EACH_SECOND * seconds);
    return { count: Number(done['count']), p50: Number(done['p50']), p99: Number(done['p99']) };
  } finally {
    await program.stop();
  }
}
