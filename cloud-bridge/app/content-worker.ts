/** A content thread: reads tags, decodes, encodes and seals, so that the bridge's own thread never has to. */
import { randomUUID } from 'node:crypto';
import { constants, setPriority } from 'node:os';
import { exit } from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import type { ContentJob, ContentWorkerData } from '#bridge/adapters/content-workers/content-jobs';
import { END_THREAD, type WorkerMessage } from '#bridge/adapters/content-workers/worker-pool';
import { FfmpegDecoder, findFfmpeg } from '#bridge/adapters/ffmpeg-decoder/ffmpeg-decoder';
import { DiskScratchFiles } from '#bridge/adapters/file-store/disk-scratch-files';
import { Mp4TrimmedDecoder } from '#bridge/adapters/mp4/mp4-trimmed-decoder';
import { NodeSegmentSealer } from '#bridge/adapters/node-crypto/node-segment-sealer';
import { createPacketEncoders } from '#bridge/adapters/opus-encoder/packet-encoders';
import { SharpPictureSizer } from '#bridge/adapters/picture-sizer/sharp-picture-sizer';
import { FileSourceInspector } from '#bridge/adapters/tag-reader/file-source-inspector';
import { FileSourceQuality } from '#bridge/adapters/tag-reader/file-source-quality';
import { WasmDecoder } from '#bridge/adapters/wasm-decoder/wasm-decoder';
import type { AudioDecoder } from '#bridge/core/ports/audio-decoder';
import { type EncodeTrackPorts, encodeTrack } from '#bridge/core/services/ingest/encode-track';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';

const port = parentPort;
if (port === null) throw new Error('this file is a thread of the bridge, not a program');
port.on('message', (message: unknown) => {
  // Ends this thread alone, and never inside the encoder.
  if (message === END_THREAD) exit(0);
});
const tell = (message: WorkerMessage): void => port.postMessage(message);
const alive = (): void => tell({ kind: 'alive' });
// On Linux this is the thread's own: phones, speakers and whatever plays on this machine come before the next encode.
// The ffmpeg that it starts inherits it.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const options = workerData as ContentWorkerData;
const inspector = new FileSourceInspector(new SharpPictureSizer(), alive);
let encodePorts: EncodeTrackPorts | null = null;

port.on('message', (job: ContentJob | typeof END_THREAD) => {
  if (job === END_THREAD) return;
  void perform(job).then(
    (value) => tell({ kind: 'done', value }),
    (thrown: unknown) => {
      const error = toTonearmError(thrown);
      tell({ kind: 'failed', code: error.code, message: error.message });
    },
  );
});

async function perform(job: ContentJob): Promise<unknown> {
  if (job.kind === 'encode') {
    encodePorts ??= composeEncoding();
    return await encodeTrack(encodePorts, job.job);
  }
  const facts = await inspector.inspect(job.file);
  if (!facts.ok) throw facts.error;
  return facts.value;
}

function composeEncoding(): EncodeTrackPorts {
  return {
    decoder: new Mp4TrimmedDecoder(composeDecoder()),
    quality: new FileSourceQuality(),
    encoders: createPacketEncoders('auto'),
    sealer: new NodeSegmentSealer(),
    scratch: new DiskScratchFiles(options.scratchFolder, () => randomUUID()),
    alive,
  };
}

function composeDecoder(): AudioDecoder {
  const ffmpeg = options.decoder === 'wasm' ? null : findFfmpeg('ffmpeg');
  if (ffmpeg !== null) return new FfmpegDecoder(createSystemClock(), ffmpeg);
  if (options.decoder === 'ffmpeg')
    throw new TonearmError('decode.unavailable', 'ffmpeg was asked for and is not here');
  return new WasmDecoder();
}
