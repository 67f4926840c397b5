import { describe, expect, it } from 'vitest';
import { TonearmError } from '#protocol/vocabulary/errors';
import { SeededRandom } from '#sim/world/seeded-random';
import { VirtualClock } from '#sim/world/virtual-clock';
import type { RestClient } from '../bridge/rest-client.ts';
import type { CommandContext } from '../command-context.ts';
import { createOutput } from './output.ts';
import { watchStatus } from './watch-status.ts';

function context(isTty: boolean, interrupted: AbortSignal, household: RestClient['household']) {
  const written: string[] = [];
  const terminal = { isTty, columns: () => 80, write: (text: string) => void written.push(text) };
  const clock = new VirtualClock();
  const surroundings: CommandContext['surroundings'] = {
    stdout: terminal,
    stderr: { ...terminal, isTty: false, write: () => undefined },
    clock,
    random: new SeededRandom(3),
    openDiscovery: () => {
      throw new Error('the bridge is known');
    },
    bridgeFromEnvironment: null,
    isColourless: true,
    node: 'node',
    workingFolder: '/',
    interrupted,
  };
  const output = createOutput(surroundings, { isJson: false, isQuiet: false });
  const bridge = {
    url: 'http://127.0.0.1:9',
    household,
    accessToken: async () => null,
  } as Partial<RestClient> as RestClient;
  return { written, clock, context: { output, surroundings, bridgeAddress: null, bridge: async () => bridge } };
}

describe('watchStatus', () => {
  it('fails at once, and touches no screen, when there is no bridge', async () => {
    const gone = new TonearmError('connect.unreachable', 'nobody there');
    const watched = context(true, new AbortController().signal, () => Promise.reject(gone));
    await expect(watchStatus(watched.context)).rejects.toBe(gone);
    expect(watched.written).toEqual([]);
  });

  it('gives the terminal back as it was, and leaves no timer, when interrupted', async () => {
    const watched = context(true, AbortSignal.abort(), async () => ({}) as never);
    expect(await watchStatus(watched.context)).toBe(0);
    expect(watched.written).toEqual(['\u001b[?7l', '\u001b[?7h']);
    expect(watched.clock.timers()).toEqual([]);
  });
});
