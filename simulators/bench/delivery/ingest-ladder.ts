/**
 * How fast one track's whole ladder is made, on all cores, against ffmpeg and opusenc making the same four files side by
 * side. Ours also measures the loudness, cuts into segments and seals; theirs are told to work as hard (complexity 9, which
 * libopus has by default and we keep).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LADDER_KBPS } from '#bridge/core/services/ingest/quality-ladder';
import { EncodingRoom } from '#sim/content/encoding-room';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const execute = promisify(execFile);
const RUNS = 5;
const TRACK_SECONDS = 240;
const SMOKE_SECONDS = 5;
const COMPLEXITY = 9;
const MUST_RATIO = 0.8;
const REACH_RATIO = 1;
/** Chords that move, over a hiss, with a beat: about as hard to encode as music. */
const SOUND = `aevalsrc='0.12*(sin(2*PI*220*t)+sin(2*PI*277*t+3*sin(5*t))+sin(2*PI*330*t))*(1+sin(2*PI*t*2))+0.05*(random(0)-0.5)|0.12*(sin(2*PI*220*t)+sin(2*PI*440*t+2*sin(3*t)))*(1+sin(2*PI*t*2))+0.05*(random(1)-0.5)'`;

export async function measureIngestLadder({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-ladder-'));
  const seconds = isSmoke ? SMOKE_SECONDS : TRACK_SECONDS;
  const room = new EncodingRoom(join(folder, 'scratch'), availableParallelism());
  try {
    const flac = join(folder, 'track.flac');
    await execute('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `${SOUND}:s=44100:d=${seconds}`, flac]);
    // Starts the threads and loads the libraries, as a bridge in the middle of an ingest has them.
    await room.encode(flac);
    const speeds = { ours: [] as number[], ffmpeg: [] as number[], opusenc: [] as number[] };
    const hasOpusenc = await canRun('opusenc');
    for (let run = 0; run < (isSmoke ? 1 : RUNS); run += 1) {
      speeds.ours.push(await speedOf(seconds, async () => void (await room.encode(flac))));
      speeds.ffmpeg.push(await speedOf(seconds, () => together((rung) => ffmpegArguments(flac, folder, rung))));
      if (hasOpusenc)
        speeds.opusenc.push(await speedOf(seconds, () => together((rung) => opusencArguments(flac, folder, rung))));
      say(`ladder, run ${run + 1}: ${Math.round(speeds.ours.at(-1) ?? 0)} × real time`);
    }
    const row = (peer: 'ffmpeg' | 'opusenc'): Figure =>
      createFigure({
        key: `ladder-speed-vs-${peer}`,
        unit: 's of music per s',
        values: speeds.ours,
        peer: { name: `${peer} ×${LADDER_KBPS.length}`, values: speeds[peer] },
        must: { ratio: MUST_RATIO },
        reach: { ratio: REACH_RATIO },
        better: 'higher',
      });
    return hasOpusenc ? [row('ffmpeg'), row('opusenc')] : [row('ffmpeg')];
  } finally {
    await room.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Command = readonly [program: string, args: readonly string[]];

function ffmpegArguments(source: string, folder: string, rung: number): Command {
  const quality = ['-c:a', 'libopus', '-b:a', `${rung}k`, '-compression_level', String(COMPLEXITY)];
  return ['ffmpeg', ['-v', 'error', '-y', '-i', source, ...quality, join(folder, `${rung}.opus`)]];
}

function opusencArguments(source: string, folder: string, rung: number): Command {
  const quality = ['--bitrate', String(rung), '--comp', String(COMPLEXITY)];
  return ['opusenc', ['--quiet', ...quality, source, join(folder, `${rung}.opus`)]];
}

async function together(commandFor: (rung: number) => Command): Promise<void> {
  await Promise.all(
    LADDER_KBPS.map((rung) => {
      const [program, args] = commandFor(rung);
      return execute(program, args);
    }),
  );
}

async function speedOf(seconds: number, work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (seconds * 1000) / (performance.now() - startedAt);
}

async function canRun(program: string): Promise<boolean> {
  return await execute(program, ['--version']).then(
    () => true,
    () => false,
  );
}
