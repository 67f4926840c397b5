/** What the kernel, the board's firmware and systemd tell of a machine's health. What they do not tell is null; nothing here fails. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type {
  ClockReport,
  HeatReport,
  MemoryReport,
  NetworkReport,
  WearReport,
} from '#device/core/doctor/machine-report';

const PROGRAM_WITHIN_MS = 5_000;
const OUTPUT_BYTES_MAX = 512 * 1024;
/** Millidegrees of the kernel's zones. */
const PER_DEGREE = 1_000;
const KILOBYTE = 1_024;
/** Where a Raspberry Pi's firmware says whether it slows the board down. */
const THROTTLED = [
  'sys/devices/platform/soc/soc:firmware/get_throttled',
  'sys/devices/platform/axi/axi:firmware/get_throttled',
] as const;

/** @param root `/`, or another one in a test */
export function readHeat(root: string): HeatReport {
  const zones = join(root, 'sys/class/thermal');
  const read = namesIn(zones)
    .filter((name) => name.startsWith('thermal_zone'))
    .map((name) => Number.parseInt(textOf(join(zones, name, 'temp')) ?? '', 10) / PER_DEGREE)
    .filter((celsius) => Number.isFinite(celsius));
  const said = THROTTLED.map((path) => textOf(join(root, path))).find((text) => text !== null);
  const throttled = Number.parseInt(said ?? '', 16);
  return {
    celsius: read.length === 0 ? null : Math.max(...read),
    throttled: Number.isNaN(throttled) ? null : throttled,
  };
}

/** Of cards that are soldered or plugged in; the worse of their two estimates. */
export function readWear(root: string): WearReport[] {
  const blocks = join(root, 'sys/block');
  return namesIn(blocks)
    .filter((name) => /^mmcblk\d+$/.test(name))
    .flatMap((device) => {
      const text = textOf(join(blocks, device, 'device/life_time')) ?? '';
      const tenths = text
        .trim()
        .split(/\s+/)
        .map(Number)
        .filter((it) => it > 0);
      return tenths.length === 0 ? [] : [{ device, tenths: Math.max(...tenths) }];
    });
}

/** @param pid of the speaker that runs; null: none does */
export function readMemory(root: string, pid: number | null): MemoryReport {
  const kilobytesOf = (path: string, field: string) => {
    const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(textOf(join(root, path)) ?? '')?.[1];
    return found === undefined ? null : Number(found) * KILOBYTE;
  };
  return {
    availableBytes: kilobytesOf('proc/meminfo', 'MemAvailable'),
    residentBytes: pid === null ? null : kilobytesOf(`proc/${pid}/status`, 'VmRSS'),
  };
}

export function readNetwork(root: string): NetworkReport {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = all.filter(({ internal }) => !internal).map(({ address }) => address);
  const [four, six] = [textOf(join(root, 'proc/net/route')), textOf(join(root, 'proc/net/ipv6_route'))];
  if (four === null && six === null) return { addresses, hasDefaultRoute: null };
  const byFour = (four ?? '').split('\n').some((line) => /^\S+\s+00000000\s/.test(line));
  // One over the loopback says that there is none.
  const bySix = (six ?? '').split('\n').some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line.trim()));
  return { addresses, hasDefaultRoute: byFour || bySix };
}

export async function readClock(wallMs: number): Promise<ClockReport> {
  const said = await outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  const word = said?.trim();
  return { wallMs, isSynchronised: word === 'yes' ? true : word === 'no' ? false : null };
}

/** The last lines that a service has logged; null where nobody keeps them, or may show them. */
export function readJournal(unit: string, lines: number): Promise<string | null> {
  return outputOf('journalctl', ['--unit', unit, '--lines', String(lines), '--output', 'cat', '--no-pager']);
}

/** Free for whoever is not root. */
export function freeBytesAt(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Of all files in a folder; links are not followed. */
export function bytesIn(folder: string): number {
  const sizes = namesIn(folder).map((name) => {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isDirectory() === true ? bytesIn(path) : (found?.size ?? 0);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function outputOf(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const limits = { timeout: PROGRAM_WITHIN_MS, maxBuffer: OUTPUT_BYTES_MAX };
    execFile(program, [...args], limits, (error, stdout) => resolve(error === null ? stdout : null));
  });
}
