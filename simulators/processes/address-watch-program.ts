/**
 * Watches the addresses of the machine, or of the namespace, that it runs in, as a speaker does, and logs each change. It is a
 * process of its own since the watch of a process is of one namespace. What it does not hear from the kernel it says too, and ends.
 */
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterfaceWatch } from '#device/adapters/interface-watch/interface-watch';
import { createNetlinkEar } from '#device/adapters/interface-watch/netlink-ear';
import { runProgram } from '#protocol/adapters/program';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { ok } from '#protocol/vocabulary/result';

const ROOT = join(import.meta.dirname, '..', '..');

function addresses(): string {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address }) => address)
    .join(' ');
}

await runProgram(
  process,
  {
    name: 'address-watch',
    label: 'address-watch',
    usage: '',
    version: '0',
    start: async (_, logger) => {
      const ear = createNetlinkEar(logger, ROOT);
      const watch = createInterfaceWatch(createSystemClock(), {
        open: (listener) => {
          const opened = ear.open(listener);
          // Without it the watch would look twice a second, and see the same.
          if (opened === null) throw new Error('the kernel is not heard here');
          return opened;
        },
      });
      const watching = watch.watch(() => logger.info('address-watch.changed', { addresses: addresses() }));
      logger.info('address-watch.begun', { addresses: addresses() });
      return { ready: {}, stop: async () => watching.stop() };
    },
  },
  ok({ kind: 'run', config: { logLevel: 'info' } }),
);
