/** Asks the speaker that runs on this machine who it is, as anybody on the network may. */
import type { RunningSpeaker } from '#device/core/doctor/judge-house';
import { readSecretFile } from '#protocol/adapters/key-file';

const ANSWER_WITHIN_MS = 3_000;

/** @param file where it has left its port. @returns in words why it does not answer */
export async function askOwnInfo(file: string): Promise<RunningSpeaker | string> {
  let port: number;
  try {
    const door: unknown = JSON.parse(readSecretFile(file) ?? 'null');
    if (typeof door !== 'object' || door === null || !('port' in door))
      return `no speaker runs with this folder (${file})`;
    port = Number(door.port);
  } catch (cause) {
    return `${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/info`, { signal });
    const info: unknown = await answer.json();
    const isInfo = typeof info === 'object' && info !== null && 'output' in info && 'bridge' in info;
    return isInfo ? (info as RunningSpeaker) : 'the speaker gave an answer that is none';
  } catch {
    return `the speaker of ${file} does not answer at port ${port}: it hangs, or was killed`;
  }
}
