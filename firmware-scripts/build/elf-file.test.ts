import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readElf } from './elf-file.ts';

const isLinux = process.platform === 'linux';

/** A library for arm64 in small: one segment, whose addresses are its offsets, with one library and two versions of it. */
function smallLibrary(): Buffer {
  const file = Buffer.alloc(0x300);
  file.write('\x7fELF', 'latin1');
  file.set([2, 1], 4);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(183, 18);
  file.writeBigUInt64LE(0x40n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, type: number, offset: bigint, size: bigint) => {
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(offset, at + 8);
    file.writeBigUInt64LE(offset, at + 16);
    file.writeBigUInt64LE(size, at + 32);
  };
  segment(0x40, 1, 0n, 0x300n);
  segment(0x78, 2, 0x100n, 0x40n);
  const strings = '\0libc.so.6\0GLIBC_2.17\0GLIBC_2.34\0';
  file.write(strings, 0x200, 'latin1');
  const tags = [1n, 1n, 5n, 0x200n, 0x6ffffffen, 0x180n, 0n, 0n];
  for (const [index, value] of tags.entries()) file.writeBigUInt64LE(value, 0x100 + index * 8);
  file.writeUInt16LE(2, 0x182);
  file.writeUInt32LE(16, 0x188);
  for (const [at, name, next] of [
    [0x190, 11, 16],
    [0x1a0, 22, 0],
  ] as const) {
    file.writeUInt32LE(name, at + 8);
    file.writeUInt32LE(next, at + 12);
  }
  return file;
}

describe('readElf', () => {
  it('reads kind, machine, libraries and versions', () => {
    expect(readElf(smallLibrary())).toEqual({
      kind: 'shared',
      machine: 'arm64',
      needed: ['libc.so.6'],
      versions: ['GLIBC_2.17', 'GLIBC_2.34'],
    });
  });

  it.skipIf(!isLinux)(`reads a real program${isLinux ? '' : ' (skipped: not on Linux)'}`, () => {
    const elf = readElf(readFileSync(process.execPath));
    expect(elf?.machine).toBe(process.arch);
    expect(elf?.needed).toContain('libc.so.6');
    expect(elf?.versions).toContain('GLIBC_2.28');
  });

  it('takes nothing else, cut short or not, for one', () => {
    const whole = smallLibrary();
    expect(readElf(Buffer.from('#!/bin/sh\n'))).toBeNull();
    for (let length = 0; length < 0x220; length += 1)
      expect(readElf(whole.subarray(0, length)), `${length}`).toBeNull();
  });

  it('ends whatever a file says', () => {
    const cases = fc.array(fc.tuple(fc.nat(0x2ff), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(cases, (changes) => {
        const file = smallLibrary();
        for (const [at, byte] of changes) file[at] = byte;
        expect(() => readElf(file)).not.toThrow();
      }),
    );
  });
});
