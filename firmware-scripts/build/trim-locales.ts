/**
 * Takes out of a Node what it knows of the world's languages, but for English and what all of them share: a quarter of the
 * program, and a quarter of what a package of it weighs. A speaker says nothing in any language; what it compares, folds and
 * normalises is of Unicode and stays, as do the zones of time. Asked for a language that is gone, ICU answers in the root's.
 *
 * Its tables lie in the program as ICU's common data (`ucmndata.h`): a header, then names and offsets in the order of the
 * names, then the tables. The list is made shorter in its place and what fell out of it is zeroed, so nothing moves.
 */
import { BuildFailure } from './build-failure.ts';

export interface TrimmedLocales {
  /** Tables that stay. */
  readonly kept: number;
  readonly removed: number;
  /** Zero from now on. */
  readonly removedBytes: number;
}

/** In the header: its length, two magic bytes, and what it is the header of. */
const HEADER = { length: 0, magic: 2, format: 12 } as const;
const MAGIC = Uint8Array.of(0xda, 0x27);
const FORMAT = Buffer.from('CmnD', 'latin1');
const ENTRY_BYTES = 8;
const COUNT_BYTES = 4;
/** Node 24 has 4,300. */
const TABLES_MAX = 20_000;
const NAME_BYTES_MAX = 200;

/** A language alone or with a script, a country or a variant: `de.res`, `lang/sr_Latn_ME.res`. */
const LOCALE = /^([a-z]{2,3})(_\w+)?\.res$/;
/** Of every language, or lists of what there is. */
const SHARED = ['root.res', 'pool.res', 'res_index.res'];
const KEPT_LANGUAGE = 'en';
/** Where words of Thai or Japanese end; how old character sets are read; how one script is written in another. */
const OTHER_GONE = /\.(dict|lstm|cnv)$|^translit\//;

interface Table {
  readonly name: string;
  readonly nameOffset: number;
  readonly dataOffset: number;
}

/**
 * @param program the file's bytes, which are changed
 * @throws BuildFailure `build.icu-unknown` when the tables are not as described above; nothing has been changed then
 */
export function trimLocales(program: Buffer): TrimmedLocales {
  const list = findList(program);
  const tables = readList(program, list);
  // How long the last one is nothing says, so it stays.
  const isKept = (table: Table) => table === tables.at(-1) || !isOfALocale(table.name);
  const kept = tables.filter(isKept);
  let removedBytes = 0;
  for (const [index, table] of tables.entries()) {
    const next = tables[index + 1];
    if (isKept(table) || next === undefined) continue;
    program.fill(0, list + table.dataOffset, list + next.dataOffset);
    removedBytes += next.dataOffset - table.dataOffset;
  }
  program.writeUInt32LE(kept.length, list);
  program.fill(0, entryAt(list, kept.length), entryAt(list, tables.length));
  for (const [index, { nameOffset, dataOffset }] of kept.entries()) {
    program.writeUInt32LE(nameOffset, entryAt(list, index));
    program.writeUInt32LE(dataOffset, entryAt(list, index) + 4);
  }
  return { kept: kept.length, removed: tables.length - kept.length, removedBytes };
}

/** @param name without the folder that all are in, which names ICU's version */
function isOfALocale(name: string): boolean {
  if (OTHER_GONE.test(name)) return true;
  const file = name.slice(name.lastIndexOf('/') + 1);
  const language = SHARED.includes(file) ? undefined : LOCALE.exec(file)?.[1];
  return language !== undefined && language !== KEPT_LANGUAGE;
}

/** @returns where the list begins, from which all is counted */
function findList(program: Buffer): number {
  const found: number[] = [];
  for (let at = program.indexOf(FORMAT); at !== -1; at = program.indexOf(FORMAT, at + 1)) {
    const header = at - HEADER.format;
    const magic = header < 0 ? null : program.subarray(header + HEADER.magic, header + HEADER.magic + MAGIC.length);
    if (magic?.equals(MAGIC) === true) found.push(header + program.readUInt16LE(header + HEADER.length));
  }
  const [list] = found;
  if (list === undefined || found.length > 1) throw unknown(`${found.length} lists of tables`);
  return list;
}

function readList(program: Buffer, list: number): readonly Table[] {
  const count = list + COUNT_BYTES > program.length ? 0 : program.readUInt32LE(list);
  if (count === 0 || count > TABLES_MAX || entryAt(list, count) > program.length) throw unknown(`${count} tables`);
  const tables = Array.from({ length: count }, (_, index) => {
    const [nameOffset, dataOffset] = [0, 4].map((at) => program.readUInt32LE(entryAt(list, index) + at));
    if (nameOffset === undefined || dataOffset === undefined) throw unknown('an entry that is cut short');
    return { name: readName(program, list + nameOffset), nameOffset, dataOffset };
  });
  for (const [index, { name, dataOffset }] of tables.entries()) {
    const before = tables[index - 1];
    const isInOrder = before === undefined || (before.name < name && before.dataOffset <= dataOffset);
    if (!isInOrder || list + dataOffset > program.length) throw unknown(`${name} is not in its place`);
  }
  return tables;
}

function readName(program: Buffer, at: number): string {
  const end = program.indexOf(0, at);
  if (at >= program.length || end === -1 || end - at > NAME_BYTES_MAX) throw unknown('a name without an end');
  const name = program.toString('latin1', at, end);
  const folder = name.indexOf('/');
  if (folder === -1) throw unknown(`a table named ${name}`);
  return name.slice(folder + 1);
}

function entryAt(list: number, index: number): number {
  return list + COUNT_BYTES + index * ENTRY_BYTES;
}

function unknown(what: string): BuildFailure {
  return new BuildFailure(
    'build.icu-unknown',
    `the tables of languages in this Node are not as we know them (${what}): firmware-scripts/build/trim-locales.ts`,
  );
}
