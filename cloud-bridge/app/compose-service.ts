/** Puts together what those ask who look after a bridge: what it counts, whether it can work, and the port for that alone. */
import { processFigures } from '#bridge/adapters/process-figures/process-figures';
import { createMetricsDoor } from '#bridge/adapters/rest/metrics-door';
import type { RestDoor } from '#bridge/adapters/rest/rest-door';
import type { Bus } from '#bridge/core/ports/bus';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { ArtReader } from '#bridge/core/ports/content';
import type { Household } from '#bridge/core/ports/household';
import type { ReadinessCheck } from '#bridge/core/ports/readiness';
import type { Metric } from '#bridge/core/services/content/prometheus-text';
import { HouseCounts } from '#bridge/core/services/metrics/house-counts';
import { houseFigures } from '#bridge/core/services/metrics/house-figures';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { MetricsAddress } from './metrics-flags.ts';

/** In the form of a picture's key. */
const NO_PICTURE = 'readiness';

export interface ServicePorts {
  readonly clock: Clock;
  readonly catalogue: Pick<CatalogueReader, 'artists'>;
  readonly art: ArtReader;
  readonly logger: Logger;
}

export interface ComposedService {
  /** For the relay and the doors. */
  readonly meter: HouseCounts;
  readonly readiness: readonly ReadinessCheck[];
  metrics(household: Pick<Household, 'facts'>): readonly Metric[];
  /** For as long as it is open. */
  watchBus(bus: Pick<Bus, 'watch'>): void;
  /** The bridge listens. @returns ends it */
  openMetricsDoor(rest: RestDoor, address: MetricsAddress): Promise<() => Promise<void>>;
}

export function composeService(
  ports: ServicePorts,
  { version, hasBus }: { readonly version: string; readonly hasBus: boolean },
): ComposedService {
  const meter = new HouseCounts();
  let listening: RestDoor | null = null;
  let isBusConnected = false;
  const readiness = [
    ...checksOf(ports),
    ...(hasBus ? [check('bus', async () => (isBusConnected ? null : 'not connected'))] : []),
    check('listening', async () => (listening?.server.listening === true ? null : 'not yet, or no more')),
  ];
  return {
    meter,
    readiness,
    metrics: (household) => [...processFigures(version), ...meter.metrics(), ...houseFigures(household.facts())],
    watchBus: (bus) => {
      bus.watch((isConnected) => {
        isBusConnected = isConnected;
      });
    },
    openMetricsDoor: async (rest, address) => {
      listening = rest;
      if (address === null) return async () => undefined;
      const door = createMetricsDoor({ clock: ports.clock, readiness, metrics: () => rest.metrics() });
      const port = await door.listen(address.port, address.host);
      ports.logger.info('metrics.listening', { host: address.host, port });
      return () => door.close();
    },
  };
}

/** What a bridge cannot do its work without; each is asked something small that it must be able to answer. */
function checksOf({ catalogue, art }: ServicePorts): readonly ReadinessCheck[] {
  return [
    check('catalogue', () => catalogue.artists({ offset: 0, limit: 1 }).then(() => null)),
    check('store', async () => {
      // A picture that nobody has: to say so, the store must have been reached.
      const asked = await art.art(NO_PICTURE);
      return asked.ok || asked.error.code === 'content.not-found' ? null : asked.error.message;
    }),
  ];
}

function check(name: string, problem: () => Promise<string | null>): ReadinessCheck {
  return { name, problem };
}
