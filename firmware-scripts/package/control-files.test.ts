import { describe, expect, it } from 'vitest';
import { completionsOf } from './completions.ts';
import { changelogOf, controlOf, copyrightOf, debianVersion } from './control-files.ts';
import { CONFIGURATION, planFiles } from './package-files.ts';

const HELP =
  'Usage: tonearm speaker [flags]\n\n  --data DIR  where\n                     --not-one\n  --no-mdns   quiet\n  --help, --version\n';

describe('the control file', () => {
  const control = controlOf({ version: '1.0.0-rc.1', arch: 'x64', installedBytes: 2_049 });

  it('says what Debian needs to know, by its own names', () => {
    expect(control).toMatch(/^Package: tonearm-speaker\nVersion: 1\.0\.0~rc\.1\nArchitecture: amd64\n/);
    expect(control).toContain('\nInstalled-Size: 3\n');
    expect(control).toContain('libc6 (>= 2.28)');
    expect(control).toContain('libasound2 | libasound2t64');
    // Lines of a description that goes on begin with a space, and are short.
    for (const line of control.slice(control.indexOf('Description:')).trimEnd().split('\n').slice(1)) {
      expect(line).toMatch(/^ \S.{0,78}$|^ \.$/);
    }
  });

  it('has a version before its release', () => {
    expect(debianVersion('1.0.0-rc.1')).toBe('1.0.0~rc.1');
    expect(debianVersion('1.0.0')).toBe('1.0.0');
  });
});

describe('the other papers', () => {
  it('have the time of the source, as Debian writes it', () => {
    expect(changelogOf('1.0.0', 0)).toMatch(/ {2}Thu, 01 Jan 1970 00:00:00 \+0000\n$/);
  });

  it('name each library and its licence', () => {
    expect(copyrightOf([{ name: 'ws', version: '8', license: 'MIT' }])).toContain('\n   ws 8: MIT\n');
  });
});

describe('completions', () => {
  it('have the flags of the help, and not what is only mentioned', () => {
    const { bash, zsh, fish } = completionsOf(HELP);
    for (const text of [bash, zsh, fish]) {
      for (const word of ['speaker', 'pair', 'reset', '--data', '--no-mdns', '--self-test'])
        expect(text).toContain(word);
      expect(text).not.toContain('--not-one');
    }
  });
});

describe('the package', () => {
  const parts = {
    binary: '/b',
    versionFile: '/v',
    softwareFile: '/s',
    keysFile: null,
    nodeLicense: 'LICENSE',
    help: HELP,
    textOf: (path: string) => `text of ${path}`,
    copyright: '',
    changelog: '',
  };
  const paths = planFiles(parts).map(({ path }) => path);

  it('has what starts a version apart from the version, and a configuration that is the owner’s', () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        CONFIGURATION,
        '/usr/lib/tonearm/slot-select',
        '/usr/lib/tonearm/slot-start',
        '/usr/lib/tonearm/factory/tonearm',
        '/usr/lib/tonearm/factory/version.json',
        '/usr/lib/systemd/system/tonearm-speaker.service',
      ]),
    );
    expect(paths).toEqual([...paths].sort());
  });

  it('takes updates from nobody unless it is told from whom', () => {
    expect(paths).not.toContain('/usr/lib/tonearm/keys.json');
    expect(planFiles({ ...parts, keysFile: '/k' }).map(({ path }) => path)).toContain('/usr/lib/tonearm/keys.json');
  });
});
