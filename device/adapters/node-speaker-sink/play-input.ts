/**
 * The other side of the node-speaker sink, in a process of its own: takes raw sound from its input, plays it through
 * node-speaker's addon, and says how far it is. Its writes wait for the device, and a fault in it ends the process it is
 * in, so it has one to itself.
 */
import { once } from 'node:events';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';

interface SpeakerAddon {
  open(channels: number, rate: number, format: number, device: string): object;
  /** Waits for the device. @returns bytes played; 0 when it failed */
  write(handle: object, bytes: Uint8Array): Promise<number>;
  close(handle: object): void;
  readonly MPG123_ENC_SIGNED_16: number;
  readonly MPG123_ENC_SIGNED_24: number;
  readonly MPG123_ENC_SIGNED_32: number;
}

const CHANNELS = 2;
const RATE_HZ = 48_000;
/** 10 ms: what is waited for at a time, so that the other side hears often how far it is. */
const PIECE_FRAMES = RATE_HZ / 100;
const BITS_PER_BYTE = 8;
/** A device that fails so often in a row does not come back by asking. */
const FAILURES_MAX = 20;

/**
 * Command line: an ALSA PCM name and the bits of a sample. Input: raw sound. Output: `opened`, then `played FRAMES` for each
 * piece. Ends with its input, or with 1 and the reason on standard error.
 * @param root folder that holds `.build/addons`
 */
export async function playInput(own: NodeJS.Process, root: string): Promise<void> {
  const [device = 'default', bits] = own.argv.slice(2);
  const sampleBits = bits === '24' ? 24 : bits === '32' ? 32 : 16;
  try {
    const addon = loadSpeaker(root);
    const handle = addon.open(CHANNELS, RATE_HZ, addon[`MPG123_ENC_SIGNED_${sampleBits}`], device);
    own.stdout.write('opened\n');
    await playAll(own, (CHANNELS * sampleBits) / BITS_PER_BYTE, (piece) => addon.write(handle, piece));
    addon.close(handle);
  } catch (thrown) {
    own.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`);
    own.exitCode = 1;
  }
}

async function playAll(
  { stdin, stdout }: NodeJS.Process,
  frameBytes: number,
  play: (piece: Uint8Array) => Promise<number>,
): Promise<void> {
  let failures = 0;
  for (;;) {
    const whole = stdin.readableLength - (stdin.readableLength % frameBytes);
    const piece: Buffer | null = whole === 0 ? null : stdin.read(Math.min(PIECE_FRAMES * frameBytes, whole));
    if (piece === null) {
      if (stdin.readableEnded || stdin.destroyed) return;
      stdin.read(0);
      await Promise.race([once(stdin, 'readable'), once(stdin, 'end')]);
      continue;
    }
    failures = (await play(piece)) === piece.length ? 0 : failures + 1;
    if (failures > FAILURES_MAX) throw new Error('its device takes no sound any more');
    stdout.write(`played ${piece.length / frameBytes}\n`);
  }
}

function loadSpeaker(root: string): SpeakerAddon {
  return loadNativeAddon<SpeakerAddon>(addonPath(root, 'speaker')) as SpeakerAddon;
}
