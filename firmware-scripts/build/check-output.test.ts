import { describe, expect, it } from 'vitest';
import { BuildFailure } from './build-failure.ts';
import { checkHostPaths, checkSize, checkVersions, inMegabytes } from './check-output.ts';

/** @returns the code that it fails with; null when it does not */
function failureOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (thrown) {
    if (thrown instanceof BuildFailure) return thrown.code;
    throw thrown;
  }
}

describe('what a build hands on', () => {
  it('asks for no newer C library than the oldest system has', () => {
    const codeOf = (...versions: string[]) => failureOf(() => checkVersions('x.node', versions));
    expect(codeOf('GLIBC_2.28', 'GLIBC_2.2.5', 'GLIBC_2.3.4', 'GCC_3.0', 'GLIBCXX_3.4.21', 'CXXABI_1.3.11')).toBeNull();
    expect(codeOf('GLIBC_2.17', 'GLIBC_2.29')).toBe('build.glibc-too-new');
    expect(codeOf('GLIBC_3.0')).toBe('build.glibc-too-new');
    expect(codeOf('GLIBCXX_3.4.22')).toBe('build.libstdcxx-too-new');
    expect(codeOf('CXXABI_1.3.12')).toBe('build.libstdcxx-too-new');
  });

  it('tells no path of the machine that built it, but for those that Node had', () => {
    const base = Buffer.from('made in /home/node/ once');
    const codeOf = (text: string) => failureOf(() => checkHostPaths('x', Buffer.from(text), base, ['/home/node/']));
    expect(codeOf('made in /home/node/ once, by us')).toBeNull();
    expect(codeOf('made in /home/node/ once, and in /home/node/ again')).toBe('build.host-path');
  });

  it('is no larger than was promised', () => {
    expect(failureOf(() => checkSize('x', 115_000_000, 115_000_000))).toBeNull();
    expect(failureOf(() => checkSize('x', 115_000_001, 115_000_000))).toBe('build.too-large');
    expect(inMegabytes(104_336_128)).toBe('104.3 MB');
  });
});
