/** What the origin sees when 500 speakers start the same track within a second, through one real edge with nothing in it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FILE_PATH, HEAD_PATH } from '#protocol/wire/versions';
import { CountingOrigin, createOriginFile, type OriginFile } from '#sim/edge/counting-origin';
import { EdgeProcess } from '#sim/edge/edge-process';
import { type BenchOptions, createFigure, type Figure } from '../bench.ts';

const SPEAKERS = 500;
const SPEAKERS_SMOKE = 100;
const WITHIN_MS = 1_000;
/** A minute of music at 160 kbit/s: what a speaker fetches before it rests. */
const MINUTE_BYTES = 1_200_000;
const REQUEST_BYTES = 160_000;
const FILE_BYTES = 4_000_000;
/** A bridge at home, at the other end of a line. */
const ORIGIN_DELAY_MS = 50;

export async function measureThunderingHerd({ isSmoke, say }: BenchOptions): Promise<readonly Figure[]> {
  const speakers = isSmoke ? SPEAKERS_SMOKE : SPEAKERS;
  const folder = await mkdtemp(join(tmpdir(), 'tonearm-herd-'));
  const file = createOriginFile(1, FILE_BYTES);
  const origin = await CountingOrigin.start([file]);
  origin.delayMs = ORIGIN_DELAY_MS;
  const edge = await EdgeProcess.start({ origin: origin.url, cacheFolder: folder });
  const agent = new Agent({ keepAlive: true });
  try {
    const authorization = await origin.bearer([file.fileId]);
    const start = async (number: number) => {
      await new Promise((resolve) => setTimeout(resolve, (number * WITHIN_MS) / speakers));
      await startTrack({ url: edge.url, agent, authorization }, file);
    };
    await Promise.all(Array.from({ length: speakers }, (_, number) => start(number)));
  } finally {
    agent.destroy();
    await edge.stop();
    await origin.stop();
    await rm(folder, { recursive: true, force: true });
  }
  const times = new Map<string, number>();
  for (const question of origin.asked) times.set(question, (times.get(question) ?? 0) + 1);
  say(`thundering herd: ${speakers} speakers, ${origin.asked.length} questions to the origin`);
  return [
    createFigure({
      ...{ key: `origin requests per slice, ${speakers} speakers start one track`, unit: 'requests', better: 'lower' },
      ...{ values: [Math.max(...times.values())], must: 1 },
    }),
  ];
}

async function startTrack(
  door: { readonly url: string; readonly agent: Agent; readonly authorization: string },
  file: OriginFile,
): Promise<void> {
  await fetchBytes(door, `${HEAD_PATH}/${file.fileId}`, {});
  for (let from = 0; from < MINUTE_BYTES; from += REQUEST_BYTES) {
    const range = `bytes=${from}-${from + REQUEST_BYTES - 1}`;
    const length = await fetchBytes(door, `${FILE_PATH}/${file.fileId}`, { range });
    if (length !== REQUEST_BYTES) throw new Error(`${length} bytes came of ${range}`);
  }
}

/** @returns how many bytes came */
function fetchBytes(
  door: { readonly url: string; readonly agent: Agent; readonly authorization: string },
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  const { agent, authorization } = door;
  return new Promise((resolve, reject) => {
    const request = get(door.url + path, { agent, headers: { authorization, ...headers } }, (response) => {
      let length = 0;
      response.on('data', (piece: Buffer) => {
        length += piece.length;
      });
      response.on('end', () => resolve(length));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}
