/**
 * Speaks systemd's notification protocol (sd_notify(3)): one datagram a fact, to the socket in NOTIFY_SOCKET. By an addon of
 * our own, since Node has no datagram sockets of that kind.
 */
import type { ServiceManager } from '#device/core/ports/service-manager';
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import type { Logger } from '#protocol/ports/logger';
import { type Ms, ms } from '#protocol/vocabulary/units';

/** What systemd puts into the environment of a service. */
export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  /** Microseconds without a word after which the service is started anew. */
  readonly WATCHDOG_USEC?: string | undefined;
  /** Whom it watches; a child that inherits the environment is not meant. */
  readonly WATCHDOG_PID?: string | undefined;
}

export interface NotifyProcess {
  readonly pid: number;
  readonly env: NotifyEnvironment;
}

interface NotifyAddon {
  /** @returns 0 or `-errno` */
  notify(socketPath: string, state: string): number;
}

/** A word has to arrive in time although timers are late on a busy machine. */
const ALIVE_SHARE = 0.5;
const US_PER_MS = 1_000;
/** systemd shows one line; what is longer is cut. */
const STATUS_LENGTH_MAX = 200;

/** @param root folder that holds `.build/addons` */
export function createSdNotify(logger: Logger, root: string, own: NotifyProcess): ServiceManager {
  const socketPath = own.env.NOTIFY_SOCKET ?? '';
  if (socketPath === '') return createManager(null, () => undefined);
  const addon = loadAddon(root);
  if (addon === null) logger.warn('service-manager.no-addon', { addon: 'sd-notify' });
  let hasFailed = false;
  return createManager(watchdogInterval(own), (state) => {
    const code = addon?.notify(socketPath, state) ?? 0;
    if (code < 0 && !hasFailed) logger.warn('service-manager.deaf', { socketPath, code });
    hasFailed = code < 0;
  });
}

function createManager(aliveEvery: Ms | null, tell: (state: string) => void): ServiceManager {
  return {
    aliveEvery,
    ready: () => tell('READY=1'),
    alive: () => tell('WATCHDOG=1'),
    // A line break would begin another fact.
    status: (text) => tell(`STATUS=${text.replace(/\s+/g, ' ').slice(0, STATUS_LENGTH_MAX)}`),
    stopping: () => tell('STOPPING=1'),
  };
}

function watchdogInterval({ env, pid }: NotifyProcess): Ms | null {
  const { WATCHDOG_USEC: text = '', WATCHDOG_PID: watched = '' } = env;
  if (!/^\d{1,15}$/.test(text) || Number(text) === 0) return null;
  if (watched !== '' && watched !== String(pid)) return null;
  return ms(Math.max(1, Math.floor((Number(text) / US_PER_MS) * ALIVE_SHARE)));
}

function loadAddon(root: string): NotifyAddon | null {
  try {
    const { notify } = loadNativeAddon<NotifyAddon>(addonPath(root, 'sd-notify'));
    return typeof notify === 'function' ? { notify } : null;
  } catch {
    return null;
  }
}
