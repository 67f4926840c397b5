import { describe, expect, it } from 'vitest';
import type { BrowseListener, Discovery } from '#protocol/ports/discovery';
import { ms } from '#protocol/vocabulary/units';
import { VirtualClock } from '#sim/world/virtual-clock';
import { BROWSE_MS, findBridge, LOCAL_BRIDGE } from './find-bridge.ts';

function house(answering: readonly string[]) {
  const clock = new VirtualClock();
  const listeners: BrowseListener[] = [];
  let open = 0;
  const discovery: Discovery & { close(): Promise<void> } = {
    advertise: () => ({ start: () => undefined, stop: async () => undefined }),
    browse: (_type, listener) => {
      listeners.push(listener);
      return { stop: () => undefined };
    },
    close: async () => {
      open -= 1;
    },
  };
  const outcome = findBridge({
    clock,
    openDiscovery: () => {
      open += 1;
      return discovery;
    },
    probe: async (url) => answering.includes(url),
  });
  const announce = (addresses: readonly string[]) => {
    for (const listener of listeners) {
      listener.found({ type: 'tonearm-bridge', name: 'B', port: 4747, txt: {}, host: 'b.local', addresses });
    }
  };
  return { clock, outcome, announce, openCount: () => open, browses: () => listeners.length };
}

describe('findBridge', () => {
  it('takes the one on this machine without listening to the network', async () => {
    const { outcome, browses } = house([LOCAL_BRIDGE]);
    expect(await outcome).toBe(LOCAL_BRIDGE);
    expect(browses()).toBe(0);
  });

  it('takes the first announced address that answers, and closes the network again', async () => {
    const { clock, outcome, announce, openCount } = house(['http://10.0.0.5:4747']);
    await clock.advance(ms(100));
    announce(['10.0.0.9']);
    announce(['10.0.0.7', '10.0.0.5']);
    expect(await outcome).toBe('http://10.0.0.5:4747');
    expect(openCount()).toBe(0);
    expect(clock.timers()).toEqual([]);
  });

  it('gives up after two seconds, and says what it tried', async () => {
    const { clock, outcome, openCount } = house([]);
    const failure = outcome.catch((thrown: unknown) => thrown);
    await clock.advance(BROWSE_MS);
    expect(await failure).toMatchObject({ exitCode: 3, error: { code: 'connect.unreachable' } });
    expect(openCount()).toBe(0);
  });
});
