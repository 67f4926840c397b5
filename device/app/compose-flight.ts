/** The flight recorder of a speaker, put around its control core. Loaded only by a speaker that is to record. */
import { join } from 'node:path';
import type { LanPost, LanPosts } from '#device/adapters/lan-door/lan-posts';
import { createDevice, type Device, type DeviceOptions, type DevicePorts } from '#device/core/device';
import type { NoteAudio } from '#device/core/flight/record-audio';
import { recordDevice, recordDevicePorts } from '#device/core/flight/record-device';
import { FlightBox } from '#protocol/adapters/flight-box';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import { ok } from '#protocol/vocabulary/result';
import type { SpeakerConfig } from './config.ts';
import { FLIGHT_PATH } from './own-door.ts';
import { SPEAKER_VERSION } from './version.ts';

export interface ComposedFlight {
  /** As `createDevice`, recorded. */
  createDevice(ports: DevicePorts, options: DeviceOptions): Device;
  /** The same door, whose questions are noted by their path, and which also takes one for a recording. */
  record(posts: LanPosts): LanPosts;
  /** What the audio thread notes. */
  readonly noted: NoteAudio;
  /** Writes what is held. Nothing that goes wrong is thrown. */
  write(reason: string): void;
}

export function composeFlight(
  config: SpeakerConfig,
  ports: { readonly clock: Clock; readonly logger: Logger },
): ComposedFlight {
  const { sink, latency, quality, crossfade, loudness, cache, hasMdns, bridgeAddress } = config;
  const configuration = {
    sink: sink.kind,
    latencyMs: latency,
    quality: quality.kind === 'cap' ? quality.kbps : quality.kind,
    crossfadeMs: crossfade,
    loudness,
    cacheBytes: cache,
    hasMdns,
    hasBridgeAddress: bridgeAddress !== null,
    hasIdentity: true,
  };
  const folder = join(config.dataFolder, 'flight');
  const box = new FlightBox(ports, folder, { role: 'speaker', version: SPEAKER_VERSION, configuration });
  const { recorder } = box;

  const noted = (path: string, post: LanPost): LanPost => {
    return async (body, from) => {
      const answer = await post(body, from);
      recorder.note('door', { kind: 'asked', path, isDone: answer.ok });
      return answer;
    };
  };
  const notedAll = (posts: LanPosts['open']) =>
    Object.fromEntries(Object.entries(posts).map(([path, post]) => [path, noted(path, post)]));

  return {
    createDevice: (devicePorts, options) =>
      recordDevice(createDevice(recordDevicePorts(devicePorts, recorder, box), options), recorder),
    record: ({ open, own, key }) => ({
      open: notedAll(open),
      own: { ...notedAll(own), [FLIGHT_PATH]: async () => ok(box.write('asked by the door')) },
      key,
    }),
    noted: (port, event) => recorder.note(port, event),
    write: (reason) => box.tryWrite(reason),
  };
}
