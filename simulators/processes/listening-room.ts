/**
 * A household to listen to: a bridge that has ingested known tracks, and a private sound server with a loudspeaker that
 * speakers of the test's own play into.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownTrack } from '#sim/listening/where-is';
import { encodeWav } from '#sim/music/wav-file';
import { HouseholdProcesses } from './household-processes.ts';
import { PrivatePulseaudio } from './private-pulseaudio.ts';
import type { RestPhone } from './rest-phone.ts';

const RATE = 48_000;
const INGESTED_WITHIN_MS = 60_000;

export interface ListeningRoom {
  readonly pulse: PrivatePulseaudio;
  readonly house: HouseholdProcesses;
  readonly phone: RestPhone;
  stop(): Promise<void>;
}

/** @param tracks in mono at 48 kHz, ingested in the order of their names; @param sinks names of the loudspeakers */
export async function openListeningRoom(
  tracks: readonly KnownTrack[],
  ...sinks: readonly string[]
): Promise<ListeningRoom> {
  const pulse = await PrivatePulseaudio.start(sinks.map((name) => ({ name })));
  const house = await HouseholdProcesses.create();
  const stop = async (): Promise<void> => {
    await house.stop();
    await pulse.stop();
  };
  try {
    const music = join(house.folder, 'music');
    await mkdir(music);
    for (const { name, samples } of tracks) {
      await writeFile(join(music, `${name}.wav`), encodeWav({ left: samples, right: samples, rate: RATE }));
    }
    await house.startBridge({ music });
    const phone = house.phone();
    await phone.until(
      'ingested',
      ({ ingest }) => !ingest.isRunning && ingest.done === tracks.length,
      INGESTED_WITHIN_MS,
    );
    return { pulse, house, phone, stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}
