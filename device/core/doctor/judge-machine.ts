/** What a speaker's doctor says of the machine that it runs on, from figures alone: the reading is somebody else's. */
import { type CheckResult, failed, fine, skipped, warning } from '#protocol/kit/check-result';
import type {
  ClockReport,
  DiskReport,
  HeatReport,
  MemoryReport,
  NetworkReport,
  SlotReport,
  WearReport,
} from './machine-report.ts';

const MEGABYTE = 1024 * 1024;
const MS_PER_YEAR = 365.25 * 86_400_000;
/** Nothing of this was written before. */
const YEAR_MIN = 2_025;
/** A clock that has lost its battery may be anywhere; certificates that we make last no longer. */
const YEAR_MAX = 2_100;
const EPOCH_YEAR = 1_970;

export function judgeClock({ wallMs, isSynchronised }: ClockReport): CheckResult {
  const year = Math.floor(EPOCH_YEAR + wallMs / MS_PER_YEAR);
  if (year < YEAR_MIN || year > YEAR_MAX) {
    return failed('clock', `it says that this is ${year}: no certificate and no update is valid then`, FIX_CLOCK);
  }
  if (isSynchronised === null)
    return fine('clock', `${year}; this machine does not say whether it is set by the network`);
  if (isSynchronised) return fine('clock', 'set by the network');
  return warning('clock', 'nobody sets it by the network: updates that expire may be refused', FIX_CLOCK);
}
const FIX_CLOCK = 'sudo timedatectl set-ntp true; is UDP port 123 let through?';

export function judgeNetwork({ addresses, hasDefaultRoute }: NetworkReport): CheckResult {
  const fix = 'is the cable in, is Wi-Fi set up? `ip address`, `ip route`';
  if (addresses.length === 0) return failed('network', 'this machine has no address that others could reach', fix);
  const said = addresses.join(', ');
  if (addresses.every(isLinkLocal)) return failed('network', `only addresses that nobody gave it: ${said}`, fix);
  if (hasDefaultRoute !== false) return fine('network', said);
  return warning('network', `${said}; no way out of this network, so no clock and no edges elsewhere`, fix);
}

function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address);
}

/** Logs, the queue and what it is made new from. */
const FREE_BYTES_FAILED = 16 * MEGABYTE;
/** A version of the speaker beside the one that runs. */
const FREE_BYTES_WARNING = 200 * MEGABYTE;

export function judgeDisk({ folder, freeBytes, cacheLimitBytes, cacheBytes }: DiskReport): CheckResult {
  const kept =
    cacheLimitBytes === 0 ? 'nothing is kept of music' : `${inMb(cacheBytes)} of ${inMb(cacheLimitBytes)} MB of music`;
  const said = `${inMb(freeBytes)} MB free at ${folder}; ${kept}`;
  if (freeBytes < FREE_BYTES_FAILED) return failed('disk', said, 'make room, or start it with a smaller --cache-mb');
  const isTight = freeBytes < FREE_BYTES_WARNING || freeBytes < cacheLimitBytes - cacheBytes;
  return isTight
    ? warning('disk', said, 'make room for updates, or start it with a smaller --cache-mb')
    : fine('disk', said);
}

const WORN_FAILED_TENTHS = 11;
const WORN_WARNING_TENTHS = 9;

/** @param cards none: nothing here keeps count of its wear */
export function judgeWear(cards: readonly WearReport[]): CheckResult {
  const worst = cards.toSorted((a, b) => b.tenths - a.tenths)[0];
  if (worst === undefined) return skipped('disk wear', 'no card here tells how worn it is');
  const { device, tenths } = worst;
  const fix = 'put in another card soon: write its image anew, or copy the folder of its data';
  if (tenths >= WORN_FAILED_TENTHS) return failed('disk wear', `${device} is beyond the life it was made for`, fix);
  const said = `${device} has used ${(tenths - 1) * 10} to ${tenths * 10} % of its life`;
  return tenths >= WORN_WARNING_TENTHS ? warning('disk wear', said, fix) : fine('disk wear', said);
}

/** Where small boards begin to slow down, and where they all do. */
const CELSIUS_WARNING = 75;
const CELSIUS_FAILED = 85;
const UNDER_VOLTAGE = 0x1;
const THROTTLED_NOW = 0xe;
const THROTTLED_EVER = 0xf0000;

export function judgeHeat({ celsius, throttled }: HeatReport): CheckResult {
  if (celsius === null && throttled === null) return skipped('temperature', 'this machine does not tell');
  const said = celsius === null ? 'not known' : `${Math.round(celsius)} °C`;
  const air = 'give it air, a heat sink, or a place out of the sun';
  const supply = 'a power supply for this board, and a short cable: sound breaks off where voltage does';
  const bits = throttled ?? 0;
  if ((bits & UNDER_VOLTAGE) !== 0) return failed('temperature', `${said}; its voltage is too low now`, supply);
  if ((bits & THROTTLED_NOW) !== 0 || (celsius ?? 0) >= CELSIUS_FAILED) {
    return failed('temperature', `${said}; it slows down`, air);
  }
  if ((bits & THROTTLED_EVER) !== 0) {
    return warning('temperature', `${said}; it had too little voltage, or slowed down, since it was started`, supply);
  }
  return (celsius ?? 0) >= CELSIUS_WARNING ? warning('temperature', said, air) : fine('temperature', said);
}

const AVAILABLE_BYTES_FAILED = 24 * MEGABYTE;
const AVAILABLE_BYTES_WARNING = 64 * MEGABYTE;

export function judgeMemory({ availableBytes, residentBytes }: MemoryReport): CheckResult {
  if (availableBytes === null) return skipped('memory', 'this machine does not tell');
  const own = residentBytes === null ? '' : `; the speaker has ${inMb(residentBytes)} MB`;
  const said = `${inMb(availableBytes)} MB to be had${own}`;
  const fix = 'what else runs there? `top -o %MEM`';
  if (availableBytes < AVAILABLE_BYTES_FAILED) return failed('memory', said, fix);
  return availableBytes < AVAILABLE_BYTES_WARNING ? warning('memory', said, fix) : fine('memory', said);
}

/** @param slots null: nothing here could be replaced by an update */
export function judgeSlots(slots: SlotReport | null): CheckResult {
  if (slots === null) return skipped('updates', 'this speaker was not installed as a package; it takes no updates');
  const { slot, version, isWhole, outcome, keysProblem } = slots;
  const said = `${version ?? 'an unnamed version'} runs from ${slot === 'factory' ? 'the package' : `slot ${slot}`}`;
  const fix = 'sudo apt-get install --reinstall tonearm-speaker';
  if (isWhole === false) return failed('updates', `${said}, and is not what was signed: its hash is another`, fix);
  if (keysProblem !== null) return failed('updates', `${said}; none can be trusted: ${keysProblem}`, fix);
  if (outcome === 'rolled-back') {
    return warning(
      'updates',
      `${said}; the last update did not work here, and was taken back`,
      'wait for the next one',
    );
  }
  return fine('updates', outcome === 'trying' ? `${said}, on trial` : said);
}

function inMb(count: number): number {
  return Math.round(count / MEGABYTE);
}
