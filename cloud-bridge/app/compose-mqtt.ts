/**
 * Puts together the house's side of MQTT. What it takes (two packages and their memory) is loaded only in a bridge that
 * is told to speak it.
 */
import { createBusRules } from '#bridge/core/perimeter/bus-rules';
import type { Bus, BusWill } from '#bridge/core/ports/bus';
import { BusCounts } from '#bridge/core/services/house-bus/bus-counts';
import type { Clock } from '#protocol/ports/clock';
import type { Logger } from '#protocol/ports/logger';
import type { Random } from '#protocol/ports/random';
import type { BridgeId } from '#protocol/vocabulary/ids';
import type { MqttConfig } from './mqtt-config.ts';

/** 128 bits: who knows a client's id can throw it out of an external broker. */
const CLIENT_ID_LENGTH = 22;

export interface MqttPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface ComposedMqtt {
  readonly counts: BusCounts;
  /** A connection; its maker closes it. */
  dial(will: BusWill | null): Bus;
  /** After every connection is closed. */
  close(): Promise<void>;
}

/** @throws TonearmError `config.*` when the embedded broker cannot listen */
export async function composeMqtt(
  ports: MqttPorts,
  config: Exclude<MqttConfig, { kind: 'off' }>,
  house: BridgeId,
): Promise<ComposedMqtt> {
  const logger = ports.logger.with({ part: 'mqtt' });
  const counts = new BusCounts();
  const { openMqttBus } = await import('#bridge/adapters/mqtt/mqtt-bus');
  if (config.kind === 'external') {
    const { broker, credentials } = config;
    return {
      counts,
      dial: (will) => openMqttBus({ logger, counts }, { clientId: newClientId(ports), credentials, will, broker }),
      close: async () => undefined,
    };
  }
  const { openEmbeddedBroker } = await import('#bridge/adapters/mqtt/embedded-broker');
  const rules = createBusRules(house, config.homeAssistant);
  const broker = await openEmbeddedBroker({ ...ports, logger, rules }, config);
  logger.info('mqtt.listening', { host: config.host, port: broker.port, accounts: config.accounts.length });
  if (config.accounts.length === 0)
    logger.warn('mqtt.no-accounts', { reason: 'nobody can connect; see TONEARM_MQTT_USER' });
  return {
    counts,
    dial: (will) => {
      const options = { clientId: newClientId(ports), credentials: null, will, broker: () => broker.dial() };
      return openMqttBus({ logger, counts }, options);
    },
    close: () => broker.close(),
  };
}

function newClientId({ random }: MqttPorts): string {
  return `tonearm-bridge-${random.token(CLIENT_ID_LENGTH)}`;
}
