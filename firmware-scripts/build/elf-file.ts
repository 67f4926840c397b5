/**
 * Reads of an ELF file what decides whether a system can run it: its kind, its machine, the libraries it needs and the versions
 * of them that it asks for. By what the loader reads (program headers, the dynamic table), since sections may be stripped.
 * 64-bit and little-endian alone. Layout: the System V ABI, and `elf.h`.
 */

export interface ElfFile {
  /** At a fixed address, or wherever there is room (libraries, position-independent programs). */
  readonly kind: 'fixed' | 'shared';
  /** `x64`, `arm64`, or the number in the file. */
  readonly machine: string;
  readonly needed: readonly string[];
  /** As asked for, e.g. `GLIBC_2.28`; each once, in the file's order. */
  readonly versions: readonly string[];
}

const MAGIC = 0x7f454c46;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const KINDS = new Map<number, ElfFile['kind']>([
  [2, 'fixed'],
  [3, 'shared'],
]);
const MACHINES = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);
const HEADER = { kind: 16, machine: 18, programOffset: 32, programSize: 54, programCount: 56 } as const;
const PROGRAM = { type: 0, offset: 8, address: 16, fileBytes: 32 } as const;
const TYPE_LOAD = 1;
const TYPE_DYNAMIC = 2;
const TAG = { end: 0, needed: 1, strings: 5, versions: 0x6ffffffe } as const;
const ENTRY_BYTES = 16;
/** More than any real file has; a file that lies must not keep us. */
const ENTRIES_MAX = 10_000;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
}

/** @returns null for what is not such a file, or is cut short */
export function readElf(file: Uint8Array): ElfFile | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  try {
    return read(view);
  } catch (thrown) {
    // Beyond its end, which a DataView says by throwing.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

function read(view: DataView): ElfFile | null {
  const isElf = view.getUint32(0) === MAGIC && view.getUint8(4) === CLASS_64 && view.getUint8(5) === LITTLE_ENDIAN;
  const kind = isElf ? KINDS.get(view.getUint16(HEADER.kind, true)) : undefined;
  if (kind === undefined) return null;
  const number = view.getUint16(HEADER.machine, true);
  const segments = readSegments(view);
  const dynamic = segments.find(({ type }) => type === TYPE_DYNAMIC);
  const tags = dynamic === undefined ? [] : readTags(view, dynamic);
  const placeOf = (address: number) => {
    const segment = segments.find(
      (it) => it.type === TYPE_LOAD && address >= it.address && address < it.address + it.fileBytes,
    );
    if (segment === undefined) throw new RangeError('an address in no segment');
    return address - segment.address + segment.offset;
  };
  const tagged = (wanted: number) => tags.find(({ tag }) => tag === wanted)?.value;
  const strings = tagged(TAG.strings);
  const textAt = (offset: number) => readText(view, placeOf(strings ?? 0) + offset);
  const versions = tagged(TAG.versions);
  return {
    kind,
    machine: MACHINES.get(number) ?? String(number),
    needed: tags.filter(({ tag }) => tag === TAG.needed).map(({ value }) => textAt(value)),
    versions: versions === undefined ? [] : readVersions(view, placeOf(versions), textAt),
  };
}

function readSegments(view: DataView): Segment[] {
  const start = readOffset(view, HEADER.programOffset);
  const size = view.getUint16(HEADER.programSize, true);
  const count = view.getUint16(HEADER.programCount, true);
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    return {
      type: view.getUint32(at + PROGRAM.type, true),
      offset: readOffset(view, at + PROGRAM.offset),
      address: readOffset(view, at + PROGRAM.address),
      fileBytes: readOffset(view, at + PROGRAM.fileBytes),
    };
  });
}

function readTags(view: DataView, { offset, fileBytes }: Segment): { readonly tag: number; readonly value: number }[] {
  const tags = [];
  const count = Math.min(ENTRIES_MAX, fileBytes / ENTRY_BYTES);
  for (let index = 0; index < count; index += 1) {
    const tag = readOffset(view, offset + index * ENTRY_BYTES);
    if (tag === TAG.end) break;
    tags.push({ tag, value: readOffset(view, offset + index * ENTRY_BYTES + 8) });
  }
  return tags;
}

/** A list of libraries, each with a list of the versions that are asked of it; each leads to the next by a distance. */
function readVersions(view: DataView, start: number, textAt: (offset: number) => string): string[] {
  const found = new Set<string>();
  let left = ENTRIES_MAX;
  for (let library = start, next = 1; next !== 0 && left > 0; library += next) {
    next = view.getUint32(library + 12, true);
    let version = library + view.getUint32(library + 8, true);
    for (let count = view.getUint16(library + 2, true); count > 0 && left > 0; count -= 1) {
      found.add(textAt(view.getUint32(version + 8, true)));
      version += view.getUint32(version + 12, true);
      left -= 1;
    }
    left -= 1;
  }
  return [...found];
}

function readText(view: DataView, start: number): string {
  let end = start;
  while (view.getUint8(end) !== 0) end += 1;
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1');
}

/** Offsets and addresses are far below 2^53 in every file that fits a disk; what is not is beyond the file's end. */
function readOffset(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
