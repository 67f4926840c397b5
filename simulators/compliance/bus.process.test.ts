/** The bus over the package `mqtt`: with the embedded broker, and with Mosquitto. */

import { once } from 'node:events';
import { createServer, connect as dialTcp, type Server, type Socket } from 'node:net';
import { vi } from 'vitest';
import { openEmbeddedBroker } from '#bridge/adapters/mqtt/embedded-broker';
import { openMqttBus } from '#bridge/adapters/mqtt/mqtt-bus';
import { createBusRules } from '#bridge/core/perimeter/bus-rules';
import type { Bus, BusWill } from '#bridge/core/ports/bus';
import { BusCounts } from '#bridge/core/services/house-bus/bus-counts';
import { createSystemClock } from '#protocol/adapters/system-clock';
import { silentLogger } from '#protocol/kit/silent-logger';
import { MosquittoProcess, missingForMosquitto } from '#sim/processes/mosquitto-process';
import { type BusRoom, busSuite } from './bus.suite.ts';

const PATIENCE = { timeout: 5_000, interval: 10 };

async function until(holds: () => boolean): Promise<void> {
  await vi.waitFor(() => {
    if (!holds()) throw new Error('not yet');
  }, PATIENCE);
}

async function connected(bus: Bus): Promise<Bus> {
  let isUp = false;
  const watching = bus.watch((it) => {
    isUp = it;
  });
  await until(() => isUp);
  watching.end();
  return bus;
}

/** One relay for each connection, so that a test can pull its plug. */
async function plugTo(port: number): Promise<{ readonly server: Server; readonly sockets: Set<Socket>; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const far = dialTcp(port, '127.0.0.1');
    for (const [end, other] of [
      [socket, far],
      [far, socket],
    ] as const) {
      sockets.add(end);
      end.on('error', () => undefined);
      end.on('close', () => {
        sockets.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { server, sockets, port: address.port };
}

let connections = 0;

busSuite('the embedded broker, in this process', async (): Promise<BusRoom> => {
  const rules = createBusRules('suite-of-a-house', null);
  const ports = { clock: createSystemClock(), logger: silentLogger, rules };
  const broker = await openEmbeddedBroker(ports, { host: '127.0.0.1', port: 0, tls: null, accounts: [] });
  const streams = new Map<Bus, { cut(): void }>();
  return {
    dial: async (will?: BusWill) => {
      let stream = broker.dial();
      let isFirst = true;
      connections += 1;
      const bus = openMqttBus(
        { logger: silentLogger, counts: new BusCounts() },
        {
          clientId: `suite-${connections}`,
          credentials: null,
          will: will ?? null,
          broker: () => {
            if (!isFirst) stream = broker.dial();
            isFirst = false;
            return stream;
          },
        },
      );
      streams.set(bus, { cut: () => stream.destroy() });
      return connected(bus);
    },
    cut: async (bus) => streams.get(bus)?.cut(),
    until,
    close: async () => {
      await Promise.all([...streams.keys()].map((bus) => bus.close()));
      await broker.close();
    },
  };
});

const missing = missingForMosquitto();
if (missing === null) {
  busSuite('mosquitto', async (): Promise<BusRoom> => {
    const broker = await MosquittoProcess.start();
    const plugs = new Map<Bus, Awaited<ReturnType<typeof plugTo>>>();
    return {
      dial: async (will?: BusWill) => {
        const plug = await plugTo(broker.port);
        connections += 1;
        const bus = openMqttBus(
          { logger: silentLogger, counts: new BusCounts() },
          {
            clientId: `suite-${connections}`,
            credentials: null,
            will: will ?? null,
            broker: new URL(`mqtt://127.0.0.1:${plug.port}`),
          },
        );
        plugs.set(bus, plug);
        return connected(bus);
      },
      cut: async (bus) => {
        for (const socket of plugs.get(bus)?.sockets ?? []) socket.destroy();
      },
      until,
      close: async () => {
        for (const [bus, plug] of plugs) {
          await bus.close();
          plug.server.close();
        }
        await broker.stop();
      },
    };
  });
}
