import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readServiceStart } from '#sim/processes/service-start';

/** The unit's settings by name; one that is given again has all its values. */
function settingsOf(file: string): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const line of readFileSync(join(import.meta.dirname, file), 'utf8').split('\n')) {
    const [, name, value] = /^([A-Z][A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) settings.set(name, [...(settings.get(name) ?? []), value]);
    else expect(line).toMatch(/^(?:#.*|\[(?:Unit|Service|Install)\]|)$/);
  }
  return settings;
}

describe('the service of a speaker', () => {
  const settings = settingsOf('tonearm-speaker.service');
  const of = (name: string) => settings.get(name)?.join(' ');

  it('is started anew whatever ended it, soon and for ever', () => {
    expect(of('Restart')).toBe('always');
    expect(of('RestartSec')).toBe('100ms');
    expect(of('StartLimitIntervalSec')).toBe('0');
  });

  it('is told by the speaker that it is ready and lives, and kills what hangs', () => {
    expect(of('Type')).toBe('notify');
    expect(of('NotifyAccess')).toBe('main');
    expect(of('WatchdogSec')).toMatch(/^\d+s$/);
    expect(of('WatchdogSignal')).toBe('SIGKILL');
  });

  it('starts what slot-select has decided for, on a data folder of its own', () => {
    expect(of('ExecStartPre')).toBe('-/usr/lib/tonearm/slot-select');
    expect(of('ExecStart')).toBe(`/usr/lib/tonearm/slot-start speaker --data \${STATE_DIRECTORY}`);
    expect(of('CacheDirectory')).toBe(of('StateDirectory'));
    expect(of('StateDirectory')).toBeDefined();
    expect(of('RuntimeDirectoryPreserve')).toBe('restart');
  });

  it('starts Node as it is measured', () => {
    const { nodeArgs, env } = readServiceStart();
    expect(nodeArgs).toEqual(['--v8-pool-size=1']);
    expect(env).toEqual({ MALLOC_ARENA_MAX: '1' });
  });

  it('may use sound, sockets and what is compiled as it runs, and little else', () => {
    expect(of('DeviceAllow')).toBe('char-alsa rw');
    expect(of('RestrictAddressFamilies')?.split(' ')).toEqual(
      expect.arrayContaining(['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK']),
    );
    expect(settings.has('MemoryDenyWriteExecute')).toBe(false);
    expect(of('NoNewPrivileges')).toBe('yes');
  });
});
