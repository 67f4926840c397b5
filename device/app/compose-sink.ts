/** Makes the sink that `--sink` names, for the audio thread and for the sound test. */
import path from 'node:path';
import { createFallbackSink } from '#device/adapters/fallback-sink/fallback-sink';
import { createFileSink } from '#device/adapters/file-sink/file-sink';
import { createNativeSink } from '#device/adapters/native-sink/native-sink';
import { createNodeSpeakerSink } from '#device/adapters/node-speaker-sink/node-speaker-sink';
import { createPipeSink } from '#device/adapters/pipe-sink/pipe-sink';
import { createVirtualSink } from '#device/adapters/virtual-sink/virtual-sink';
import type { AudioSink } from '#device/core/ports/audio-sink';
import type { Clock } from '#protocol/ports/clock';
import { unreachable } from '#protocol/vocabulary/result';
import type { SinkChoice } from './sink-choice.ts';

/** Beside this file, in the source tree (`.ts`) and in a bundle (`.js`) alike. */
const SPEAKER_HOST = path.join(
  import.meta.dirname,
  `speaker-worker${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`,
);
const DEFAULT_ALSA_DEVICE = 'default';
const DEFAULT_PULSE_SINK = '';

/** @param root folder that holds `.build/addons` */
export function composeSink(clock: Clock, root: string, choice: SinkChoice): AudioSink {
  switch (choice.kind) {
    case 'auto': {
      // A sound server first: it can take sound back, and where one runs ALSA's default only leads to it.
      const server = createNativeSink(clock, root, 'pulse', DEFAULT_PULSE_SINK);
      const card = createNativeSink(clock, root, 'alsa', DEFAULT_ALSA_DEVICE);
      return createFallbackSink([server, card], createVirtualSink(clock));
    }
    case 'alsa':
    case 'pulse':
      return createNativeSink(clock, root, choice.kind, choice.device);
    case 'file':
      return createFileSink(clock, choice.path);
    case 'speaker':
      return createNodeSpeakerSink(clock, { root, hostPath: SPEAKER_HOST, device: choice.device });
    case 'pipe':
      return createPipeSink(clock, choice.path);
    case 'virtual':
      return createVirtualSink(clock);
    default:
      return unreachable(choice);
  }
}
