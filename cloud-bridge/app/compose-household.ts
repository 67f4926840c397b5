/**
 * Puts together the household and its side of MQTT: one relay in this process, or, where several bridges share the data,
 * this one's part of it.
 */
import { createNodeBusSeal } from '#bridge/adapters/node-crypto/node-bus-seal';
import { createRecordedHousehold } from '#bridge/core/flight/record-household';
import { HouseholdNode } from '#bridge/core/nodes/household-node';
import type { CallerCheck } from '#bridge/core/ports/callers';
import type { Household } from '#bridge/core/ports/household';
import { createHousehold, type HouseholdOptions, type HouseholdPorts } from '#bridge/core/relay/household';
import type { Metric } from '#bridge/core/services/content/prometheus-text';
import { HouseBus, houseWill } from '#bridge/core/services/house-bus/house-bus';
import type { FlightRecorder } from '#protocol/kit/flight-recorder';
import type { Content } from './compose-content.ts';
import { type ComposedMqtt, composeMqtt } from './compose-mqtt.ts';
import type { ComposedService } from './compose-service.ts';
import type { BridgeConfig } from './config.ts';

/** What it is put together from. */
export interface ComposeHouseholdPorts extends Pick<HouseholdPorts, 'clock' | 'random' | 'logger'> {
  readonly content: Content;
  readonly service: Pick<ComposedService, 'meter' | 'watchBus'>;
  /** Null: nothing is recorded. */
  readonly flight: FlightRecorder | null;
}

export interface ComposedHousehold {
  readonly household: Household;
  /** The same check, which has what doors show at hand before it lets anybody in. */
  callers(check: CallerCheck): CallerCheck;
  metrics(): readonly Metric[];
  /** Tells speakers and phones to come back, says on the bus that the house is gone. */
  close(): Promise<void>;
}

/** @throws TonearmError `config.*` when the embedded broker cannot listen, else what the store throws */
export async function composeHousehold(
  ports: ComposeHouseholdPorts,
  config: Pick<BridgeConfig, 'mqtt' | 'node'>,
  options: HouseholdOptions,
): Promise<ComposedHousehold> {
  const mqtt = config.mqtt.kind === 'off' ? null : await composeMqtt(ports, config.mqtt, options.bridgeId);
  const homeAssistant = config.mqtt.kind === 'off' ? null : config.mqtt.homeAssistant;
  const rooms = new Rooms(ports, { ...options, homeAssistant }, mqtt);
  const metrics = () => mqtt?.counts.metrics() ?? [];
  if (config.node === null || mqtt === null) {
    const household = await rooms.open(null);
    const close = async () => {
      await household.stop();
      await rooms.close();
      await mqtt?.close();
    };
    return { household, callers: (check) => check, metrics, close };
  }
  const { content, clock, random, logger } = ports;
  const bus = mqtt.dial(null);
  ports.service.watchBus(bus);
  const seal = createNodeBusSeal(content.lease.busKey());
  const node = new HouseholdNode(
    { clock, random, logger, bus, seal, lease: content.lease, passes: options.trust?.passes ?? null },
    { becomeHome: (term) => rooms.open(term), becomeFront: () => rooms.close() },
    { ...options, node: config.node },
  );
  await node.start();
  const callers = (check: CallerCheck): CallerCheck => ({
    // Not `...check`: what a class has by its prototype would be left behind.
    onEnded: (listener) => check.onEnded?.(listener) ?? (() => undefined),
    identify: async (credentials) => {
      const caller = await check.identify(credentials);
      if (caller.ok) await node.prepare(caller.value.accountId);
      return caller;
    },
  });
  const close = async () => {
    await node.stop();
    await bus.close();
    await mqtt.close();
  };
  return { household: node, callers, metrics, close };
}

/** The relay and what goes with it, as long as this bridge is the one that runs it. */
class Rooms {
  readonly #ports: ComposeHouseholdPorts;
  readonly #options: HouseholdOptions & { readonly homeAssistant: string | null };
  readonly #mqtt: ComposedMqtt | null;
  #closeHouse: (() => Promise<void>) | null = null;

  constructor(
    ports: ComposeHouseholdPorts,
    options: HouseholdOptions & { readonly homeAssistant: string | null },
    mqtt: ComposedMqtt | null,
  ) {
    this.#ports = ports;
    this.#options = options;
    this.#mqtt = mqtt;
  }

  /** @param term of the lease under which sessions are written; null: nobody else can write them */
  async open(term: number | null): Promise<Household> {
    const { content, service, logger, flight, ...shared } = this.#ports;
    await content.keep();
    const sessions = term === null ? content.sessions : content.lease.fence(content.sessions, term);
    const relayLogger = logger.with({ part: 'relay' });
    const relayPorts = { ...shared, ...content, sessions, meter: service.meter, logger: relayLogger };
    const household =
      flight === null
        ? await createHousehold(relayPorts, this.#options)
        : await createRecordedHousehold(relayPorts, this.#options, flight);
    if (this.#mqtt === null) return household;
    const bus = this.#mqtt.dial(houseWill(this.#options.bridgeId));
    if (term === null) service.watchBus(bus);
    const house = new HouseBus({ ...this.#ports, ...content, bus, household }, this.#options);
    await house.start();
    this.#closeHouse = async () => {
      house.stop();
      await bus.close();
    };
    return household;
  }

  async close(): Promise<void> {
    await this.#closeHouse?.();
    this.#closeHouse = null;
  }
}
