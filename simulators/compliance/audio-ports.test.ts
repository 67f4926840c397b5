/** The suites of the audio plane's ports: on their in-memory twins, and on what a real speaker uses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFallbackSink } from '#device/adapters/fallback-sink/fallback-sink';
import { createFileSink } from '#device/adapters/file-sink/file-sink';
import { createMemoryChunkStore } from '#device/adapters/memory-chunk-store/memory-chunk-store';
import { loadNativeOpusDecoder } from '#device/adapters/opus-decoder-native/opus-decoder-native';
import { loadWasmOpusDecoder } from '#device/adapters/opus-decoder-wasm/opus-decoder-wasm';
import { createPipeSink } from '#device/adapters/pipe-sink/pipe-sink';
import { createVirtualSink } from '#device/adapters/virtual-sink/virtual-sink';
import { createSpeakingSink } from '#device/core/audio/speech/speaking-sink';
import type { AudioSink } from '#device/core/ports/audio-sink';
import { silentLogger } from '#protocol/kit/silent-logger';
import type { Clock } from '#protocol/ports/clock';
import { encodeSine, OPUS_PACKET_FRAMES } from '#sim/speakers/opus-track';
import { RAMP_PACKET_FRAMES, rampDecoders, rampPacket } from '#sim/speakers/ramp-decoder';
import { RecordingSink } from '#sim/speakers/recording-sink';
import { VirtualClock } from '#sim/world/virtual-clock';
import { describeAudioSink, type SinkUnderTest } from './audio-sink.suite.ts';
import { describeChunkStore } from './chunk-store.suite.ts';
import { describePacketDecoder } from './packet-decoder.suite.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

function onVirtualClock(
  create: (clock: Clock) => AudioSink,
  stop: () => void = () => {},
): () => Promise<SinkUnderTest> {
  return async () => {
    const clock = new VirtualClock();
    return {
      sink: create(clock),
      pass: (time) => clock.advance(time),
      toleranceFrames: 0,
      stop: async () => stop(),
    };
  };
}

describeAudioSink('virtual', onVirtualClock(createVirtualSink));
describeAudioSink(
  'recording (twin)',
  onVirtualClock((clock) => new RecordingSink(clock)),
);

describeAudioSink(
  'recording (twin) that gives nothing back',
  onVirtualClock((clock) => new RecordingSink(clock, { canRewind: false })),
);

describeAudioSink(
  'virtual that can speak',
  onVirtualClock((clock) => createSpeakingSink({ clock, logger: silentLogger }, createVirtualSink(clock))),
);

let folder = '';
describeAudioSink(
  'WAV file',
  onVirtualClock(
    (clock) => {
      folder = mkdtempSync(path.join(tmpdir(), 'tonearm-sink-'));
      return createFileSink(clock, path.join(folder, 'sound.wav'));
    },
    () => rmSync(folder, { recursive: true, force: true }),
  ),
);

let pipeFolder = '';
describeAudioSink(
  'pipe',
  onVirtualClock(
    (clock) => {
      pipeFolder = mkdtempSync(path.join(tmpdir(), 'tonearm-sink-'));
      const file = path.join(pipeFolder, 'pipe');
      writeFileSync(file, '');
      return createPipeSink(clock, file);
    },
    () => rmSync(pipeFolder, { recursive: true, force: true }),
  ),
);

describeAudioSink(
  'stand-in of a device that does not open',
  onVirtualClock((clock) => {
    const absent = new RecordingSink(clock);
    absent.refuse('no sound card');
    return createFallbackSink([absent], createVirtualSink(clock));
  }),
);

describeChunkStore('memory (lru-cache)', createMemoryChunkStore);

describePacketDecoder('ramp (twin)', async () => ({
  decoders: rampDecoders,
  packets: Array.from({ length: 20 }, (_, index) => rampPacket(3, index, 60)),
  packetFrames: RAMP_PACKET_FRAMES,
}));

describePacketDecoder('libopus (WebAssembly)', async () => {
  const decoders = await loadWasmOpusDecoder();
  if (!decoders.ok) throw decoders.error;
  return { decoders: decoders.value, packets: encodeSine(440, 19_000), packetFrames: OPUS_PACKET_FRAMES };
});

const native = loadNativeOpusDecoder(ROOT);
if (native.ok) {
  describePacketDecoder('libopus (native)', async () => ({
    decoders: native.value,
    packets: encodeSine(440, 19_000),
    packetFrames: OPUS_PACKET_FRAMES,
  }));
}
