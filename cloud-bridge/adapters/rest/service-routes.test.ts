import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPEN_HOUSE_CALLER, type Scope } from '#bridge/core/ports/callers';
import { createSystemClock } from '#protocol/adapters/system-clock';
import type { TonearmError } from '#protocol/vocabulary/errors';
import { ok } from '#protocol/vocabulary/result';
import { RestBench } from '#sim/relay/rest-bench';
import { askWho } from './callers.ts';
import { createMetricsDoor } from './metrics-door.ts';
import { addServiceRoutes } from './service-routes.ts';

const HOST = { host: 'localhost:4747' };

describe('at the bridge’s own port', () => {
  let bench: RestBench;
  beforeEach(() => {
    bench = new RestBench();
  });
  afterEach(() => bench.close());

  it('a bridge that nothing is wrong with lives and can work', async () => {
    const alive = await bench.door.app.inject({ url: '/healthz', headers: HOST });
    expect([alive.statusCode, alive.body]).toEqual([200, 'ok\n']);
    const ready = await bench.door.app.inject({ url: '/readyz', headers: HOST });
    expect([ready.statusCode, ready.json().isReady]).toEqual([200, true]);
  });

  it('figures are for who may read them', async () => {
    const app = fastify();
    const scopes = new Set<Scope>(['user-read-playback-state']);
    askWho(app, { identify: async () => ok({ ...OPEN_HOUSE_CALLER, scopes }) });
    let refused: unknown = null;
    app.setErrorHandler(async (error, _request, reply) => {
      refused = error;
      return reply.code(403).send();
    });
    addServiceRoutes(app, { clock: createSystemClock(), readiness: [], metrics: () => 'secret 1\n' }, 'scoped');
    const answer = await app.inject({ url: '/metrics' });
    expect([answer.statusCode, answer.body]).toEqual([403, '']);
    expect(refused).toMatchObject({ code: 'access.scope-missing', field: 'scope' });
    scopes.add('tonearm-metrics');
    expect((await app.inject({ url: '/metrics' })).body).toBe('secret 1\n');
    await app.close();
  });
});

describe('at a port of its own', () => {
  it('who looks after a bridge needs no token, and hears what is wrong', async () => {
    const problem = async () => 'not connected';
    const door = createMetricsDoor({
      clock: createSystemClock(),
      readiness: [{ name: 'bus', problem }],
      metrics: () => 'tonearm_x 1\n',
    });
    const ready = await door.app.inject({ url: '/readyz' });
    expect([ready.statusCode, ready.json()]).toEqual([503, { isReady: false, problems: { bus: 'not connected' } }]);
    expect((await door.app.inject({ url: '/healthz' })).body).toBe('ok\n');
    const metrics = await door.app.inject({ url: '/metrics' });
    expect(metrics.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.body).toBe('tonearm_x 1\n');
    expect((await door.app.inject({ url: '/v1/me' })).statusCode).toBe(404);
    await door.close();
  });

  it('names its own flag when the port is taken', async () => {
    const ports = { clock: createSystemClock(), readiness: [], metrics: () => '' };
    const [first, second] = [createMetricsDoor(ports), createMetricsDoor(ports)];
    const port = await first.listen(0, '127.0.0.1');
    await expect(second.listen(port, '127.0.0.1')).rejects.toMatchObject({
      code: 'config.port-in-use',
      field: 'metrics-port',
    } satisfies Partial<TonearmError>);
    await Promise.all([first.close(), second.close()]);
  });
});
