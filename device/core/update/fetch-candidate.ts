/**
 * Gets a version into its slot: what lies there from before, what the running version has too, and only then what has to
 * be fetched. Nothing counts as there before its hash was computed, and the whole is read back before it becomes a version.
 */
import type { BlockReader, CandidateFile, SlotName, SlotStore } from '#device/core/ports/slot-store';
import type { UpdateSource } from '#device/core/ports/update-source';
import { TonearmError, toTonearmError } from '#protocol/vocabulary/errors';
import { ok, type Result, refused } from '#protocol/vocabulary/result';
import { parseValue } from '#protocol/wire/schema';
import {
  BLOCK_MAP_TEXT_MAX,
  type BlockMap,
  blockMapSchema,
  type SlotVersion,
  type UpdateManifest,
} from '#protocol/wire/update';
import { isMapOf, planFetch, spanOf } from './block-plan.ts';

/** Hashes as hexadecimal; `start` for what does not fit into memory. */
export interface Hashing {
  ofText(text: string): string;
  ofBytes(data: Uint8Array): string;
  start(): { update(data: Uint8Array): void; finish(): string };
}

export interface FetchPorts {
  readonly slots: SlotStore;
  readonly source: Pick<UpdateSource, 'blocks' | 'range'>;
  readonly hashing: Hashing;
  /** True when nobody waits for it any more; what was written stays, to be gone on with. */
  readonly isOver: () => boolean;
}

/** How it came together, in bytes. */
export interface FetchFigures {
  readonly keptBytes: number;
  readonly copiedBytes: number;
  readonly fetchedBytes: number;
}

/** @returns `update.corrupt`, `update.endless`, `fetch.*` or `storage.*`; the slot can be gone on with after any of them */
export async function fetchCandidate(
  ports: FetchPorts,
  slot: SlotName,
  manifest: UpdateManifest,
): Promise<Result<FetchFigures, TonearmError>> {
  const map = await readMap(ports, manifest);
  if (!map.ok) return map;
  try {
    const file = await ports.slots.openCandidate(slot, manifest.artifact);
    try {
      return await fill(ports, file, map.value, manifest);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    return refused(toTonearmError(thrown, 'storage.failed'));
  }
}

async function fill(
  ports: FetchPorts,
  file: CandidateFile,
  map: BlockMap,
  manifest: UpdateManifest,
): Promise<Result<FetchFigures, TonearmError>> {
  const kept = await findKept(ports, file, map);
  const copiedBytes = await copyFromRunning(ports, file, map, kept.isThere);
  const fetched = await fetchRest(ports, file, map, { isThere: kept.isThere, sha256: manifest.artifact.sha256 });
  if (!fetched.ok) return fetched;
  await file.flush();
  if ((await hashWhole(ports, file, map.sizeBytes)) !== manifest.artifact.sha256) {
    return refused(new TonearmError('update.corrupt', 'what was written does not read back as what was signed'));
  }
  await file.place(slotVersionOf(manifest));
  return ok({ keptBytes: kept.bytes, copiedBytes, fetchedBytes: fetched.value });
}

/** What is written beside a version. */
export function slotVersionOf({ version, seq, arch, artifact }: UpdateManifest): SlotVersion {
  return { format: 1, version, seq, arch, sizeBytes: artifact.sizeBytes, sha256: artifact.sha256 };
}

async function readMap(
  { source, hashing }: FetchPorts,
  { artifact }: UpdateManifest,
): Promise<Result<BlockMap, TonearmError>> {
  const text = await source.blocks(artifact.sha256);
  if (!text.ok) return text;
  if (text.value.length > BLOCK_MAP_TEXT_MAX)
    return refused(new TonearmError('update.endless', 'the map of blocks is too long'));
  if (hashing.ofText(text.value) !== artifact.blocksSha256) {
    return refused(new TonearmError('update.corrupt', 'the map of blocks is not the one that was signed'));
  }
  const map = parseValue(blockMapSchema, JSON.parse(text.value), 'the map of blocks');
  if (!map.ok) return map;
  if (isMapOf(map.value, artifact.sizeBytes)) return map;
  return refused(new TonearmError('update.corrupt', 'the map of blocks is of another length than the artifact'));
}

async function findKept(
  { hashing, isOver }: FetchPorts,
  file: BlockReader,
  map: BlockMap,
): Promise<{ readonly isThere: boolean[]; readonly bytes: number }> {
  const isThere: boolean[] = [];
  let bytes = 0;
  for (let index = 0; index < map.blocks.length && !isOver(); index += 1) {
    const { offset, length } = spanOf(map, index);
    const block = await file.read(offset, length);
    isThere[index] = block.length === length && hashing.ofBytes(block) === map.blocks[index];
    if (isThere[index] === true) bytes += length;
  }
  return { isThere, bytes };
}

/** Blocks lie where they lay: a change of our code alone moves nothing before it, and the plan stays a comparison. */
async function copyFromRunning(
  { slots, hashing, isOver }: FetchPorts,
  file: CandidateFile,
  map: BlockMap,
  isThere: boolean[],
): Promise<number> {
  const running = await slots.openRunning();
  if (running === null) return 0;
  let copiedBytes = 0;
  try {
    const wanted = indexWanted(map, isThere);
    for (let offset = 0; wanted.size > 0 && !isOver(); ) {
      const block = await running.read(offset, map.blockBytes);
      if (block.length === 0) break;
      offset += block.length;
      const hash = hashing.ofBytes(block);
      for (const index of wanted.get(hash) ?? []) {
        await file.write(spanOf(map, index).offset, block);
        isThere[index] = true;
        copiedBytes += block.length;
      }
      wanted.delete(hash);
    }
  } finally {
    await running.close();
  }
  return copiedBytes;
}

/** Where each missing block is wanted: equal ones may lie elsewhere in the running version, and be wanted twice. */
function indexWanted(map: BlockMap, isThere: readonly boolean[]): Map<string, number[]> {
  const wanted = new Map<string, number[]>();
  for (const [index, hash] of map.blocks.entries()) {
    if (isThere[index] === true) continue;
    const places = wanted.get(hash);
    if (places === undefined) wanted.set(hash, [index]);
    else places.push(index);
  }
  return wanted;
}

async function fetchRest(
  { source, hashing, isOver }: FetchPorts,
  file: CandidateFile,
  map: BlockMap,
  { isThere, sha256 }: { readonly isThere: readonly boolean[]; readonly sha256: string },
): Promise<Result<number, TonearmError>> {
  let fetchedBytes = 0;
  for (const { first, span } of planFetch(map, isThere)) {
    if (isOver()) return refused(new TonearmError('fetch.cancelled', 'nobody waits for it any more'));
    const data = await source.range(sha256, span.offset, span.length);
    if (!data.ok) return data;
    if (data.value.length > span.length)
      return refused(new TonearmError('update.endless', 'more came than was asked for'));
    if (data.value.length < span.length)
      return refused(new TonearmError('fetch.range-mismatch', 'less came than was asked for'));
    for (let at = 0; at < data.value.length; at += map.blockBytes) {
      const block = data.value.subarray(at, at + map.blockBytes);
      if (hashing.ofBytes(block) !== map.blocks[first + at / map.blockBytes]) {
        return refused(new TonearmError('update.corrupt', 'a block that was fetched is not the one that was signed'));
      }
      await file.write(span.offset + at, block);
    }
    fetchedBytes += span.length;
  }
  return ok(fetchedBytes);
}

async function hashWhole({ hashing }: FetchPorts, file: BlockReader, sizeBytes: number): Promise<string> {
  const hash = hashing.start();
  for (let offset = 0; offset < sizeBytes; ) {
    const data = await file.read(offset, 65_536);
    if (data.length === 0) break;
    hash.update(data);
    offset += data.length;
  }
  return hash.finish();
}
