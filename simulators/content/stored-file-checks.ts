/** What others say of a file that ingest stored: opusinfo, ffprobe, ffmpeg's decoder and its loudness meter. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const PCM_BYTES_MAX = 512 * 1024 * 1024;
const STEREO_FRAME_BYTES = 4;

/** Why stored files cannot be checked on this machine; null when they can. */
export const noCheckersReason: string | null = ['ffmpeg', 'ffprobe', 'opusinfo'].every(
  (program) => spawnSync(program, ['-h'], { stdio: 'ignore' }).error === undefined,
)
  ? null
  : 'ffmpeg, ffprobe and opusinfo (Debian: ffmpeg, opus-tools) are needed to check stored files';

/** @returns what is wrong with an Ogg Opus file, empty when nothing is */
export async function complaintsAbout(path: string): Promise<readonly string[]> {
  const info = await execute('opusinfo', [path]).catch((error: Error) => ({ stdout: '', stderr: error.message }));
  const told = `${info.stdout}\n${info.stderr}`.split('\n');
  const bad = told.filter((line) => /warning|error|invalid|fail|hole|corrupt/i.test(line));
  if (!told.some((line) => line.includes('Pre-skip: 960'))) bad.push('opusinfo tells no pre-skip of 960');
  const fields = ['-show_entries', 'stream=codec_name,channels,sample_rate', '-of', 'csv=p=0'];
  const probe = await execute('ffprobe', ['-v', 'warning', ...fields, path]).catch((error: Error) => ({
    stdout: '',
    stderr: error.message,
  }));
  if (probe.stderr.trim() !== '') bad.push(`ffprobe: ${probe.stderr.trim()}`);
  if (probe.stdout.trim() !== 'opus,48000,2') bad.push(`ffprobe says ${probe.stdout.trim()}`);
  return bad;
}

/** Frames that ffmpeg decodes. */
export async function decodedFrames(path: string): Promise<number> {
  const { stdout } = await execute('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-ac', '2', 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: PCM_BYTES_MAX,
  });
  return stdout.length / STEREO_FRAME_BYTES;
}

export interface ForeignLoudness {
  readonly integratedLufs: number;
  readonly rangeLu: number;
  readonly truePeakDbtp: number;
}

/** What ffmpeg's `ebur128` says of some files, one after another as one piece. @param toStereo a filter to apply before */
export async function loudnessByFfmpeg(
  paths: readonly string[],
  toStereo = 'aformat=channel_layouts=stereo',
): Promise<ForeignLoudness> {
  const inputs = paths.flatMap((path) => ['-i', path]);
  const streams = paths.map((_, index) => `[${index}:a]${toStereo},aresample=48000[s${index}]`).join(';');
  const joined = `${paths.map((_, index) => `[s${index}]`).join('')}concat=n=${paths.length}:v=0:a=1`;
  const graph = `${streams};${joined},ebur128=peak=true`;
  const args = ['-hide_banner', '-nostats', ...inputs, '-filter_complex', graph, '-f', 'null', '-'];
  const { stderr } = await execute('ffmpeg', args, { maxBuffer: PCM_BYTES_MAX });
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const number = (pattern: RegExp): number => Number(pattern.exec(summary)?.[1] ?? Number.NaN);
  return {
    integratedLufs: number(/I:\s+(-?[\d.]+) LUFS/),
    rangeLu: number(/LRA:\s+(-?[\d.]+) LU/),
    truePeakDbtp: number(/Peak:\s+(-?[\d.]+) dBFS/),
  };
}
