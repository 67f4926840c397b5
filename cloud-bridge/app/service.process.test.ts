/** A bridge as those see it who look after one: on a port of its own, until it is told to end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ChildProgram } from '#sim/processes/child-program';

const WITHIN_MS = 60_000;
const MAIN = join(import.meta.dirname, 'main.ts');

it(
  'a bridge says that it lives, that it can work, and its figures, to who has no token',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonearm-service-'));
    const flags = [
      '--data',
      join(folder, 'data'),
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--tls-port',
      '0',
      '--no-mdns',
    ];
    const bridge = new ChildProgram('bridge', process.execPath, [MAIN, ...flags, '--metrics-port', '0'], {
      cwd: folder,
    });
    try {
      const { port, host } = await bridge.waitForEvent('metrics.listening', WITHIN_MS);
      const { port: ownPort } = await bridge.waitForEvent('bridge.ready', WITHIN_MS);
      expect(host).toBe('127.0.0.1');
      const ask = async (path: string, at = port) => {
        const answer = await fetch(`http://127.0.0.1:${at}${path}`);
        return { status: answer.status, text: await answer.text() };
      };
      expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok\n' });
      const ready = await ask('/readyz');
      expect([ready.status, JSON.parse(ready.text)]).toEqual([
        200,
        { isReady: true, problems: { catalogue: null, store: null, listening: null } },
      ]);
      expect((await ask('/metrics')).text).toMatch(/^tonearm_sessions\{playback="playing"\} 0$/m);
      // At its own port everybody may know that it lives, and only some how it does.
      expect((await ask('/readyz', ownPort)).status).toBe(200);
      expect((await ask('/metrics', ownPort)).status).toBe(401);
    } finally {
      await bridge.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  WITHIN_MS,
);
