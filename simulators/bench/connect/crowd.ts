/** Starts a crowd of speakers as a process of its own, and waits until all of them are there. */
import { join } from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';

const SPEAKERS_PROGRAM = join(import.meta.dirname, 'speakers-program.ts');
/** What is young in a crowd's heap is soon old or gone: V8's 48 MB for it would be a third of what 5,000 speakers hold. MB. */
const SEMI_SPACE_MB = 4;
/** 10,000 handshakes of both sides on two cores, with room. */
const GATHERED_WITHIN_MS = 180_000;

export async function startCrowd(
  kind: 'tonearm' | 'bare' | 'mqtt',
  url: string,
  count: number,
  args: readonly string[] = [],
): Promise<ChildProgram> {
  const node = [`--max-semi-space-size=${SEMI_SPACE_MB}`, SPEAKERS_PROGRAM];
  const words = [...node, kind, url, String(count), ...args];
  const program = new ChildProgram('crowd', process.execPath, words, { isTold: true });
  try {
    await program.waitForEvent('crowd.connected', GATHERED_WITHIN_MS);
    return program;
  } catch (thrown) {
    await program.stop();
    throw thrown;
  }
}
