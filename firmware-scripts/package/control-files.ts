/** The control files of the Debian package as texts, by what is in it. Debian Policy, chapter 5. */

import { FLOOR } from '#firmware/build/check-output';
import { ARCH_NAMES, type FirmwareArch } from '#firmware/build/firmware-arch';
import { PACKAGE_NAME } from './package-files.ts';

const MAINTAINER = 'Tonearm maintainers <packages@tonearm.audio>';
/** Of what GLIBCXX_3.4.21 and CXXABI_1.3.11 ask for: the library of GCC 7. */
const LIBSTDCXX = '7';
const KIBIBYTE = 1024;

export interface ControlFacts {
  readonly version: string;
  readonly arch: FirmwareArch;
  /** Of all files, as they lie on a disk. */
  readonly installedBytes: number;
}

/** @returns the text of `control` */
export function controlOf({ version, arch, installedBytes }: ControlFacts): string {
  const fields: readonly (readonly [string, string])[] = [
    ['Package', PACKAGE_NAME],
    ['Version', debianVersion(version)],
    ['Architecture', ARCH_NAMES[arch].debian],
    ['Maintainer', MAINTAINER],
    ['Installed-Size', String(Math.ceil(installedBytes / KIBIBYTE))],
    [
      'Depends',
      [
        `libc6 (>= ${FLOOR.GLIBC.join('.')})`,
        `libstdc++6 (>= ${LIBSTDCXX})`,
        'libgcc-s1 | libgcc1',
        // Opened when it plays; named newly where times have 64 bits.
        'libasound2 | libasound2t64',
        'init-system-helpers (>= 1.54)',
      ].join(', '),
    ],
    ['Suggests', 'alsa-utils, libpulse0'],
    ['Section', 'sound'],
    ['Priority', 'optional'],
    [
      'Description',
      [
        'smart speaker that finds its bridge and plays what it is told',
        ' The speaker of Tonearm, an open smart-speaker runtime: it is found by mDNS,',
        ' paired once, and plays music from its household through ALSA or a sound',
        ' server, without a gap, together with other speakers.',
        ' .',
        ' It runs as a service under a user of its own, and takes signed updates that',
        ' are rolled back when they do not work.',
      ].join('\n'),
    ],
  ];
  return fields.map(([name, value]) => `${name}: ${value}\n`).join('');
}

/** A hyphen in `1.0.0-rc.1` would begin a Debian revision, and sort after the release; a tilde sorts before it. */
export function debianVersion(version: string): string {
  return version.replace('-', '~');
}

/** @param at seconds since 1970 @returns the text of `changelog`, whose last entry fixes the package's times */
export function changelogOf(version: string, at: number): string {
  const when = new Date(at * 1_000).toUTCString().replace('GMT', '+0000');
  return `${PACKAGE_NAME} (${debianVersion(version)}) stable; urgency=medium

  * What has changed is in CHANGELOG.md of the source.

 -- ${MAINTAINER}  ${when}
`;
}

/** Licences of what is inside, by the list of software. */
export interface LicensedSoftware {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/** @returns the text of `copyright` */
export function copyrightOf(software: readonly LicensedSoftware[]): string {
  const lines = software.map(({ name, version, license }) => `  ${name} ${version}: ${license}`);
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Tonearm
Comment:
 The program has in it Node.js, whose licences and those of its parts are in
 node-licenses.txt.gz beside this file, and these libraries, whose notices are
 at the end of each bundled file (software.cdx.json says more):
${lines.map((line) => ` ${line}`).join('\n')}

Files: *
Copyright: 2026, the Tonearm authors
License: Apache-2.0
 On Debian systems, the full text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0.
`;
}
