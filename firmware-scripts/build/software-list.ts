/**
 * The list of software in a binary (SBOM) as CycloneDX 1.6 has it: what was bundled, by what the bundler says, with version,
 * licence and hash from the lock file. No times and no random numbers: the same source gives the same list.
 */
import { type LockedPackage, lockedPackage } from './locked-packages.ts';
import { LIBOPUS, OPUS_PACKAGE } from './opus-plan.ts';

/** What pkg puts in besides what it is given: its start, and the file system in it. */
const STARTER = ['node_modules/@yao-pkg/pkg', 'node_modules/@roberts_lando/vfs'];
/** What is compiled into addons. */
const COMPILED = [OPUS_PACKAGE, 'node_modules/node-addon-api', 'node_modules/node-api-headers'];

export interface SoftwareListOptions {
  readonly version: string;
  readonly arch: string;
  /** Of Node; its own list of parts is in `node -p process.versions`. */
  readonly nodePackage: string;
  /** By their paths, as the bundler found them. */
  readonly bundled: readonly string[];
}

interface Component {
  readonly type: 'library' | 'platform' | 'application';
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly object[];
  readonly hashes?: readonly object[];
}

/** @returns the file's text @throws BuildFailure `build.base-corrupt` for a package that is not locked */
export function listSoftware(packages: ReadonlyMap<string, LockedPackage>, options: SoftwareListOptions): string {
  const { version, arch, nodePackage, bundled } = options;
  const places = [...new Set([...bundled, ...STARTER, ...COMPILED, nodePackage])].sort();
  const components: Component[] = [
    ...places.map((place) => describe(lockedPackage(packages, place), place === nodePackage ? 'platform' : 'library')),
    {
      type: 'library',
      name: 'opus',
      version: LIBOPUS.version,
      purl: `pkg:generic/opus@${LIBOPUS.version}`,
      licenses: [{ license: { id: 'BSD-3-Clause' } }],
    },
  ];
  const list = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': 'tonearm',
        name: 'tonearm',
        version,
        licenses: [{ license: { id: 'Apache-2.0' } }],
        properties: [{ name: 'tonearm:arch', value: arch }],
      },
    },
    components: components.map((component) => ({ 'bom-ref': component.purl, ...component })),
    dependencies: [{ ref: 'tonearm', dependsOn: components.map(({ purl }) => purl) }],
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}

function describe({ name, version, license, sha512 }: LockedPackage, type: Component['type']): Component {
  return {
    type,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license === null ? {} : { licenses: [licenseOf(license)] }),
    ...(sha512 === null ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
  };
}

/** One licence has a name in the list; several, joined by words, are an expression. */
function licenseOf(license: string): object {
  return /[ ()]/.test(license) ? { expression: license } : { license: { id: license } };
}
