/**
 * Hears the kernel's word over netlink (rtnetlink(7)), by an addon of our own, since Node has no sockets of that kind. A
 * thread sleeps in the kernel until there is one: a machine whose network stays as it is spends nothing.
 */
import { addonPath, loadNativeAddon } from '#protocol/adapters/native-addon';
import type { Logger } from '#protocol/ports/logger';
import type { NetworkEar } from './network-ear.ts';

/** What was opened, as the addon knows it. */
type Opened = object;

interface NetworkWatchAddon {
  /**
   * @param heard with null, or with words for what has ended it
   * @throws Error with what keeps it from listening
   */
  open(heard: (problem: string | null) => void): Opened;
  close(opened: Opened): void;
}

/** @param root folder that holds `.build/addons`; nothing is loaded before it is opened */
export function createNetlinkEar(logger: Logger, root: string): NetworkEar {
  const deaf = (problem: string) => logger.info('network-watch.deaf', { problem });
  return {
    open: ({ heard, ended }) => {
      try {
        const addon = loadAddon(root);
        const opened = addon.open((problem) => {
          if (problem === null) return heard();
          deaf(problem);
          ended();
        });
        return { close: () => addon.close(opened) };
      } catch (thrown) {
        // Not built on this machine, or in a sandbox without such sockets: a speaker without it only looks more often.
        deaf(thrown instanceof Error ? thrown.message : String(thrown));
        return null;
      }
    },
  };
}

/** @throws Error when it is not there, or lacks something */
function loadAddon(root: string): NetworkWatchAddon {
  const file = addonPath(root, 'network-watch');
  const { open, close } = loadNativeAddon<NetworkWatchAddon>(file);
  if (typeof open !== 'function' || typeof close !== 'function') throw new Error(`not a network watch: ${file}`);
  return { open, close };
}
