import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trimLocales } from './trim-locales.ts';

const STAYS = [
  'coll/root.res',
  'curr/pool.res',
  'en.res',
  'lang/en_GB.res',
  'nfkc.nrm',
  'res_index.res',
  'zoneinfo64.res',
];
const GOES = [
  'brkitr/cjdict.dict',
  'coll/de.res',
  'ibm-1250_P100-1995.cnv',
  'lang/sr_Latn_ME.res',
  'translit/root.res',
];

/** A program with something before and after its tables, each of which is its name three times. */
function programOf(names: readonly string[], before = 40): Buffer {
  const sorted = [...names].sort();
  const header = Buffer.alloc(32);
  header.writeUInt16LE(header.length, 0);
  header.set([0xda, 0x27], 2);
  header.write('CmnD', 12, 'latin1');
  const list = Buffer.alloc(4 + 8 * sorted.length);
  list.writeUInt32LE(sorted.length, 0);
  const texts = sorted.map((name) => Buffer.from(`icudt78l/${name}\0`, 'latin1'));
  const tables = sorted.map((name) => Buffer.from(name.repeat(3), 'latin1'));
  let nameAt = list.length;
  let dataAt = list.length + Buffer.concat(texts).length;
  for (const [index, text] of texts.entries()) {
    list.writeUInt32LE(nameAt, 4 + 8 * index);
    list.writeUInt32LE(dataAt, 8 + 8 * index);
    nameAt += text.length;
    dataAt += tables[index]?.length ?? 0;
  }
  return Buffer.concat([Buffer.alloc(before, 'x'), header, list, ...texts, ...tables, Buffer.from('after')]);
}

/** As ICU looks a table up: by halving what is left of the list. */
function lookUp(program: Buffer, name: string): number | null {
  const list = program.indexOf('CmnD') + 20;
  let [from, to] = [0, program.readUInt32LE(list)];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const at = list + program.readUInt32LE(list + 4 + 8 * middle);
    const found = program.toString('latin1', at, program.indexOf(0, at));
    if (found === `icudt78l/${name}`) return list + program.readUInt32LE(list + 8 + 8 * middle);
    if (found < `icudt78l/${name}`) from = middle + 1;
    else to = middle;
  }
  return null;
}

const codeOf = (program: Buffer) => {
  const before = Buffer.from(program);
  try {
    trimLocales(program);
  } catch (thrown) {
    expect(program.equals(before)).toBe(true);
    return (thrown as { code: string }).code;
  }
  return null;
};

describe('a Node without the languages that a speaker does not speak', () => {
  it('finds what stays as it was, and of what goes nothing', () => {
    fc.assert(
      fc.property(fc.subarray(STAYS), fc.subarray(GOES), fc.nat(100), (stays, goes, before) => {
        const names = [...stays, ...goes, 'zz-last.nrm'];
        const program = programOf(names, before);
        const length = program.length;
        const trimmed = trimLocales(program);
        expect(trimmed).toEqual({
          kept: stays.length + 1,
          removed: goes.length,
          removedBytes: goes.reduce((sum, name) => sum + 3 * name.length, 0),
        });
        for (const name of [...stays, 'zz-last.nrm']) {
          const at = lookUp(program, name);
          expect(at === null ? null : program.toString('latin1', at, at + 3 * name.length)).toBe(name.repeat(3));
        }
        for (const name of goes) {
          expect(lookUp(program, name)).toBeNull();
          expect(program.includes(name.repeat(3))).toBe(false);
        }
        expect(program).toHaveLength(length);
        expect(program.toString('latin1', 0, before)).toBe('x'.repeat(before));
        expect(program.toString('latin1', length - 5)).toBe('after');
      }),
    );
  });

  it('is the same when it is done again', () => {
    const program = programOf([...STAYS, ...GOES]);
    trimLocales(program);
    const once = Buffer.from(program);
    expect(trimLocales(program)).toMatchObject({ removed: 0, removedBytes: 0 });
    expect(program.equals(once)).toBe(true);
  });

  it('is refused, untouched, where the tables are not as they were', () => {
    const whole = programOf([...STAYS, ...GOES]);
    const twoLists = Buffer.concat([whole, programOf(STAYS)]);
    const outOfOrder = Buffer.from(whole.toString('latin1').replace('icudt78l/coll/de', 'icudt78l/zoll/de'), 'latin1');
    const noFolder = Buffer.from(whole.toString('latin1').replaceAll('icudt78l/', 'icudt78l-'), 'latin1');
    const countless = Buffer.from(whole);
    countless.writeUInt32LE(2 ** 31, whole.indexOf('CmnD') + 20);
    const list = whole.indexOf('CmnD') + 20;
    const cut = [list, list + 30, list + 4 + 8 * 5, list + 4 + 8 * (STAYS.length + GOES.length)];
    for (const odd of [Buffer.alloc(0), Buffer.from('no Node'), twoLists, outOfOrder, noFolder, countless]) {
      expect(codeOf(odd)).toBe('build.icu-unknown');
    }
    for (const end of cut) expect(codeOf(Buffer.from(whole.subarray(0, end)))).toBe('build.icu-unknown');
  });
});
