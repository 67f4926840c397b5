/** Puts together what those ask who look after a bridge: what it counts, whether it can work, and the port for that alone. */
import { processFigures } from '#bridge/adapters/process-figures/process-figures';
import { createMetricsDoor } from '#bridge/adapters/rest/metrics-door';
import type { RestDoor } from '#bridge/adapters/rest/rest-door';
import type { Bus } from '#bridge/core/ports/bus';
import type { CatalogueReader } from '#bridge/core/ports/catalogue';
import type { Household } from '#bridge/core/ports/household';
import type { ReadinessCheck } from '#bridge/core/ports/readiness';
import type { SessionStore } from '#bridge/core/ports/session-store';
import type { Metric } from '#bridge/core/services/content/prometheus-text';
import { HouseCounts } from '#bridge/core/services/metrics/house-counts';
import { houseFigures } from '#bridge/core/services/metrics/house-figures';
import type { Clock } from '#protocol/ports/clock';
import type { MetricsAddress } from './metrics-flags.ts';

export interface ServicePorts {
  readonly clock: Clock;
  readonly catalogue: Pick<CatalogueReader, 'artists'>;
  readonly sessions: Pick<SessionStore, 'knownSpeakers'>;
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
      await door.listen(address.port, address.host);
      return () => door.close();
    },
  };
}

/** What a bridge cannot do its work without; each is asked something small that it must be able to answer. */
function checksOf({ catalogue, sessions }: ServicePorts): readonly ReadinessCheck[] {
  return [
    check('catalogue', () => catalogue.artists({ offset: 0, limit: 1 }).then(() => null)),
    check('store', () => sessions.knownSpeakers().then(() => null)),
  ];
}

function check(name: string, problem: () => Promise<string | null>): ReadinessCheck {
  return { name, problem };
}
