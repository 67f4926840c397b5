import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DISK_SIGNATURE, planDisk } from './disk-plan.ts';
import {
  BOOT_TEXTS,
  DATA_FOLDERS,
  KERNEL_WORDS,
  LINKS,
  MOUNT_POINTS,
  SWITCHED_OFF,
  SWITCHED_ON,
} from './image-plan.ts';

const OWN = path.join(import.meta.dirname, 'root');
const UNITS = path.join(OWN, 'usr/lib/systemd/system');
const textOf = (file: string) => readFileSync(path.join(OWN, file), 'utf8');
const mounts = textOf('etc/fstab')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(/\s+/) as [string, string, string, string]);
const serviceText = readFileSync(path.join(import.meta.dirname, '../systemd/tonearm-speaker.service'), 'utf8');

describe('what an image is made of', () => {
  it('is mounted as it was divided: boot, root, and the data last, so that it can grow', () => {
    const plan = planDisk('x.img');
    expect(plan).toContain(`disk-signature = 0x${DISK_SIGNATURE}`);
    expect([...plan.matchAll(/partition (\w+) /g)].map(([, name]) => name)).toEqual(['boot', 'root', 'data']);
    const divided = [...plan.matchAll(/image (\w+)\.\w+ \{[^}]*\}\s+mountpoint = "(\S+)"/g)];
    const numbers = new Map(divided.map(([, , at], index) => [at, `PARTUUID=${DISK_SIGNATURE}-0${index + 1}`]));
    const mounted = new Map(mounts.map(([device, at]) => [at, device]));
    expect(numbers.size).toBe(3);
    for (const [at = '', device] of numbers) expect(mounted.get(at), at).toBe(device);
    expect(KERNEL_WORDS).toContain(`root=${mounted.get('/')} `);
    expect(plan.match(/mountpoint/g)).toHaveLength(divided.length);
  });

  it('writes to its root never, and to each folder of its data where a service looks for it', () => {
    const optionsOf = new Map(mounts.map(([, at, , options]) => [at, options.split(',')]));
    expect(optionsOf.get('/')).toContain('ro');
    expect(KERNEL_WORDS.split(' ')).toContain('ro');
    expect(optionsOf.get('/data')).toContain('x-systemd.growfs');
    // The speaker's addons and the versions that updates bring are run from there.
    expect(optionsOf.get('/data')).not.toContain('noexec');
    const bound = mounts.filter(([, , , options]) => options === 'bind').map(([from]) => from);
    expect(bound).toEqual(DATA_FOLDERS.map(({ name }) => `/data/${name}`));
    const places = new Set<string>(MOUNT_POINTS);
    for (const [from, at] of mounts) {
      if (from.startsWith('/data/') && at !== '/var/lib/systemd') expect(places).toContain(at);
    }
  });

  it('leads the speaker’s folders to its data, since systemd cannot make the links on such a root', () => {
    for (const [kind, at] of [['StateDirectory', '/var/lib'] as const, ['CacheDirectory', '/var/cache'] as const]) {
      const name = new RegExp(`^${kind}=(\\S+)$`, 'm').exec(serviceText)?.[1];
      expect(LINKS[`${at}/${name}`]).toBe(`private/${name}`);
    }
  });

  it('switches on what there is, and nothing that it switches off', () => {
    const own = readdirSync(UNITS).map((file) => path.parse(file).name);
    const wanted = own.filter((name) =>
      readFileSync(path.join(UNITS, `${name}.service`), 'utf8').includes('[Install]'),
    );
    expect(SWITCHED_ON.filter((name) => name.startsWith('tonearm-')).toSorted()).toEqual(wanted.toSorted());
    expect(SWITCHED_ON.filter((name) => (SWITCHED_OFF as readonly string[]).includes(`${name}.service`))).toEqual([]);
  });

  it('has each program of its own that a unit of it names, and may run it', () => {
    const units = readdirSync(UNITS).map((file) => readFileSync(path.join(UNITS, file), 'utf8'));
    const programs = units.flatMap((text) =>
      [...text.matchAll(/=(\/usr\/lib\/tonearm-image\/\S+)/g)].map(([, it]) => it),
    );
    expect(programs.length).toBeGreaterThan(0);
    for (const program of programs) expect(statSync(path.join(OWN, program ?? '')).mode & 0o111).toBe(0o111);
    for (const file of ['wifi.txt', 'speaker.txt'])
      expect(existsSync(path.join(OWN, 'boot/firmware', file))).toBe(true);
  });

  it('starts one kernel by one line, by UEFI and on a Raspberry Pi', () => {
    expect(BOOT_TEXTS['loader/entries/tonearm.conf']).toContain(`\noptions ${KERNEL_WORDS}\n`);
    expect(BOOT_TEXTS['cmdline.txt']).toBe(`${KERNEL_WORDS}\n`);
  });
});
