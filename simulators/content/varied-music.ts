/**
 * Ten files as unlike as a library's: formats with and without loss, rates, channels, loud, soft, swelling, noisy. Lengths
 * are chosen so that each is a whole number of frames at 48 kHz too, and a decoder that loses one is found out.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FRAMES_PER_SECOND } from '#protocol/vocabulary/units';

const execute = promisify(execFile);

export interface VariedFile {
  readonly name: string;
  readonly rateHz: number;
  /** ffmpeg's filter source, without rate and length. */
  readonly sound: string;
  /** ffmpeg's arguments for the output. */
  readonly output: readonly string[];
  /** How to hear it in stereo, where it is not: ffmpeg's filter. */
  readonly toStereo?: string;
}

const CHORDS = `aevalsrc='0.2*sin(2*PI*220*t)+0.2*sin(2*PI*277*t)|0.2*sin(2*PI*220*t)+0.2*sin(2*PI*330*t)'`;
const SWELLING = `aevalsrc='0.5*sin(2*PI*440*t)*(0.02+abs(sin(t/2)))|0.5*sin(2*PI*660*t)*(0.02+abs(sin(t/3)))'`;
const STEPS = `aevalsrc='sin(2*PI*500*t)*if(lt(mod(t\\,4)\\,2)\\,0.5\\,0.02)|sin(2*PI*700*t)*if(lt(mod(t\\,4)\\,2)\\,0.5\\,0.02)'`;
const SWEEP = `aevalsrc='0.4*sin(2*PI*(60*t+90*t*t))|0.4*sin(2*PI*(80*t+70*t*t))'`;
const NOISE = `aevalsrc='0.3*(random(0)-0.5)|0.3*(random(1)-0.5)'`;
const SOFT = `aevalsrc='0.004*sin(2*PI*300*t)|0.004*sin(2*PI*450*t)'`;
const LOUD = `aevalsrc='0.99*sin(2*PI*90*t)|0.99*sin(2*PI*90*t+1)'`;
const ONE = `aevalsrc='0.3*sin(2*PI*350*t)'`;
const SURROUND = `aevalsrc='0.2*sin(2*PI*220*t)|0.2*sin(2*PI*330*t)|0.2*sin(2*PI*440*t)|0.1*sin(2*PI*50*t)|0.1*sin(2*PI*550*t)|0.1*sin(2*PI*660*t)':c=5.1`;

export const VARIED_MUSIC: readonly VariedFile[] = [
  { name: 'chords.wav', rateHz: 48_000, sound: CHORDS, output: ['-c:a', 'pcm_s16le'] },
  { name: 'swelling.flac', rateHz: 44_100, sound: SWELLING, output: ['-c:a', 'flac'] },
  { name: 'steps.mp3', rateHz: 44_100, sound: STEPS, output: ['-c:a', 'libmp3lame', '-b:a', '320k'] },
  { name: 'sweep.flac', rateHz: 96_000, sound: SWEEP, output: ['-c:a', 'flac', '-sample_fmt', 's32'] },
  { name: 'noise.ogg', rateHz: 44_100, sound: NOISE, output: ['-c:a', 'libvorbis', '-q:a', '5'] },
  { name: 'soft.m4a', rateHz: 44_100, sound: SOFT, output: ['-c:a', 'aac', '-b:a', '192k'] },
  { name: 'loud.opus', rateHz: 48_000, sound: LOUD, output: ['-c:a', 'libopus', '-b:a', '192k'] },
  {
    name: 'one.aiff',
    rateHz: 44_100,
    sound: ONE,
    output: ['-c:a', 'pcm_s16be'],
    toStereo: 'pan=stereo|FL=FC|FR=FC',
  },
  {
    name: 'surround.flac',
    rateHz: 48_000,
    sound: SURROUND,
    output: ['-c:a', 'flac'],
    toStereo: 'pan=stereo|FL<FL+0.7071*FC+0.7071*BL+0.7071*SL|FR<FR+0.7071*FC+0.7071*BR+0.7071*SR',
  },
  { name: 'chords.mp3', rateHz: 48_000, sound: CHORDS, output: ['-c:a', 'libmp3lame', '-q:a', '2'] },
];

/** @returns its path */
export async function makeVariedFile(folder: string, file: VariedFile, seconds: number): Promise<string> {
  const path = join(folder, file.name);
  const source = `${file.sound}:s=${file.rateHz}:d=${seconds}`;
  await execute('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', source, ...file.output, path]);
  return path;
}

/** Frames that a decoder of a whole number of seconds gives at 48 kHz. */
export function framesOf(seconds: number): number {
  return seconds * FRAMES_PER_SECOND;
}
