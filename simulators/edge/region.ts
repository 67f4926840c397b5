/** One region of a simulated CDN: a real edge, before it a mood, and before that a distance. */
import { join } from 'node:path';
import type { Clock } from '#protocol/ports/clock';
import { TonearmError } from '#protocol/vocabulary/errors';
import { FaultProxy, type QuestionCounts } from '#sim/network/fault-proxy';
import { applyConditions, CLEAR } from '#sim/proxy/conditions';
import type { Endpoint } from '#sim/proxy/endpoint';
import { NetworkProxy } from '#sim/proxy/network-proxy';
import type { NetworkEvent } from '#sim/proxy/simulated-network';
import type { SeededRandom } from '#sim/world/seeded-random';
import { type EdgeMood, faultOf } from './edge-mood.ts';
import { EdgeProcess } from './edge-process.ts';
import { NginxProcess } from './nginx-process.ts';

export const EDGE_SERVERS = ['tonearm', 'nginx'] as const;
export type EdgeServer = (typeof EDGE_SERVERS)[number];

export interface RegionPlan {
  readonly name: string;
  readonly roundTripMs: number;
  readonly mood: EdgeMood;
  readonly listen: Endpoint;
}

export interface RegionPorts {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** What goes wrong on the way to it, and what is mended. */
  told(event: NetworkEvent): void;
}

interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

export class Region {
  readonly name: string;
  readonly roundTripMs: number;
  readonly way: NetworkProxy;
  readonly #server: RunningServer;
  readonly #proxy: FaultProxy;
  #mood: EdgeMood;

  private constructor(
    plan: RegionPlan,
    parts: { readonly server: RunningServer; readonly proxy: FaultProxy; readonly way: NetworkProxy },
    random: SeededRandom,
  ) {
    this.name = plan.name;
    this.roundTripMs = plan.roundTripMs;
    this.#mood = plan.mood;
    this.way = parts.way;
    this.#server = parts.server;
    this.#proxy = parts.proxy;
    this.#proxy.fault = (_, path) => faultOf(this.#mood, path, random);
  }

  /** @param folder for what the edge keeps, of its own */
  static async open(
    plan: RegionPlan,
    ports: RegionPorts,
    { origin, server: kind, folder }: { readonly origin: URL; readonly server: EdgeServer; readonly folder: string },
  ): Promise<Region> {
    const server: RunningServer =
      kind === 'nginx'
        ? await NginxProcess.startEdge(localPort(origin))
        : await EdgeProcess.start({
            origin: origin.origin,
            cacheFolder: join(folder, plan.name),
            args: ['--region', plan.name, '--name', plan.name],
          });
    const ending: (() => Promise<unknown>)[] = [() => server.stop()];
    try {
      const proxy = await FaultProxy.start(server.url);
      ending.push(() => proxy.stop());
      const to = { host: '127.0.0.1', port: Number(new URL(proxy.url).port) };
      const half = { delayMs: plan.roundTripMs / 2 };
      const base = applyConditions(CLEAR, { up: half, down: half });
      const routes = [{ listen: plan.listen, to }];
      const way = await NetworkProxy.start(ports, { routes, plan: { base, trace: null } });
      return new Region(plan, { server, proxy, way }, ports.random);
    } catch (thrown) {
      for (const end of ending.toReversed()) await end();
      throw thrown;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.way.routes[0]?.listen.port}`;
  }

  get mood(): EdgeMood {
    return this.#mood;
  }

  /** Holds for requests from now on. */
  setMood(mood: EdgeMood): void {
    this.#mood = mood;
  }

  get asked(): QuestionCounts {
    return this.#proxy.counts;
  }

  async stop(): Promise<void> {
    await this.way.stop();
    await this.#proxy.stop();
    await this.#server.stop();
  }
}

/** @throws TonearmError input.invalid: the template of nginx leads to a bridge on this machine */
function localPort(origin: URL): number {
  if (origin.protocol !== 'http:' || !['127.0.0.1', 'localhost'].includes(origin.hostname)) {
    throw new TonearmError('input.invalid', '--origin: with nginx it is http:// on this machine', {
      field: '--origin',
    });
  }
  return Number(origin.port === '' ? 80 : origin.port);
}
