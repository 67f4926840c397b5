import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesIn, readHeat, readMemory, readNetwork, readWear } from './health-facts.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tonearm-facts-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

it('reads a board that tells everything', () => {
  put('sys/class/thermal/thermal_zone0/temp', '48250\n');
  put('sys/class/thermal/thermal_zone1/temp', '51700\n');
  put('sys/class/thermal/cooling_device0/cur_state', '0\n');
  put('sys/devices/platform/soc/soc:firmware/get_throttled', '50005\n');
  put('sys/block/mmcblk0/device/life_time', '0x01 0x03\n');
  put('sys/block/mmcblk0boot0/device/life_time', '0x09 0x09\n');
  put('proc/meminfo', 'MemTotal:         443216 kB\nMemAvailable:     301000 kB\n');
  put('proc/77/status', 'Name:\ttonearm\nVmRSS:\t   66560 kB\n');
  expect(readHeat(root)).toEqual({ celsius: 51.7, throttled: 0x50005 });
  expect(readWear(root)).toEqual([{ device: 'mmcblk0', tenths: 3 }]);
  expect(readMemory(root, 77)).toEqual({ availableBytes: 301_000 * 1024, residentBytes: 66_560 * 1024 });
});

it('takes nothing for granted where a machine tells nothing', () => {
  put('sys/block/mmcblk0/device/life_time', '0x00 0x00\n');
  expect(readHeat(root)).toEqual({ celsius: null, throttled: null });
  expect(readWear(root)).toEqual([]);
  expect(readMemory(root, 1)).toEqual({ availableBytes: null, residentBytes: null });
  expect(readNetwork(root).hasDefaultRoute).toBeNull();
  expect(bytesIn(join(root, 'nowhere'))).toBe(0);
});

it('knows a way out of the network by either protocol', () => {
  const header = 'Iface\tDestination\tGateway \tFlags\n';
  put('proc/net/route', `${header}eth0\t0000A8C0\t00000000\t0001\n`);
  expect(readNetwork(root).hasDefaultRoute).toBe(false);
  const [all, none] = ['0'.repeat(32), 'ffffffff'];
  put('proc/net/ipv6_route', `${all} 00 ${all} 00 ${all} ${none} 00000001 00000000 00200200       lo\n`);
  expect(readNetwork(root).hasDefaultRoute).toBe(false);
  put(
    'proc/net/ipv6_route',
    `${all} 00 ${all} 00 fe80${'0'.repeat(28)} 00000400 00000001 00000000 00000003     eth0\n`,
  );
  expect(readNetwork(root).hasDefaultRoute).toBe(true);
  put('proc/net/ipv6_route', '');
  put('proc/net/route', `${header}eth0\t00000000\t0100A8C0\t0003\n`);
  expect(readNetwork(root).hasDefaultRoute).toBe(true);
});

it('adds up a folder and what is in it', () => {
  put('cache/a', '12345');
  put('cache/deep/b', '123');
  expect(bytesIn(join(root, 'cache'))).toBe(8);
});
