/** Real Opus packets of a known sound, for tests that want the real codec from end to end. */
import OpusScript from 'opusscript';

export const OPUS_PACKET_FRAMES = 960;
/** What libopus looks ahead at 48 kHz; decoded frames before it are no part of the music. */
export const OPUS_PRE_SKIP_FRAMES = 312;

/**
 * A sine of `hertz` at half of full scale, stereo.
 * @returns packets that hold the pre-skip and all of the duration
 */
export function encodeSine(hertz: number, durationFrames: number): Uint8Array[] {
  const encoder = new OpusScript(48_000, 2, OpusScript.Application.AUDIO);
  encoder.setBitrate(160_000);
  const count = Math.ceil((durationFrames + OPUS_PRE_SKIP_FRAMES) / OPUS_PACKET_FRAMES);
  const packets: Uint8Array[] = [];
  for (let packet = 0; packet < count; packet += 1) {
    const pcm = Buffer.alloc(OPUS_PACKET_FRAMES * 4);
    for (let frame = 0; frame < OPUS_PACKET_FRAMES; frame += 1) {
      const at = packet * OPUS_PACKET_FRAMES + frame;
      const sample = Math.round(Math.sin((2 * Math.PI * hertz * at) / 48_000) * 16_384);
      pcm.writeInt16LE(sample, frame * 4);
      pcm.writeInt16LE(sample, frame * 4 + 2);
    }
    packets.push(new Uint8Array(encoder.encode(pcm, OPUS_PACKET_FRAMES)));
  }
  encoder.delete();
  return packets;
}
