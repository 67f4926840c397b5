/** A simulated network with its doors: what programs connect to in the place of what they are to be far from. */
import type { Endpoint } from './endpoint.ts';
import { type NetworkPlan, type NetworkPorts, SimulatedNetwork } from './simulated-network.ts';
import { TcpDoor } from './tcp-door.ts';
import { UdpDoor } from './udp-door.ts';

/** Of one network: each is a listening socket, or two. */
export const ROUTES_MAX = 64;

export interface Route {
  /** Port 0: any that is free. */
  readonly listen: Endpoint;
  readonly to: Endpoint;
}

export interface NetworkProxyOptions {
  readonly routes: readonly Route[];
  readonly plan: NetworkPlan;
  /** Whether datagrams are passed on too, on the same ports. */
  readonly hasUdp?: boolean;
}

interface Door {
  readonly port: number;
  close(): Promise<void>;
}

export class NetworkProxy {
  readonly network: SimulatedNetwork;
  /** With the ports that it got. */
  readonly routes: readonly Route[];
  readonly #doors: readonly Door[];

  private constructor(network: SimulatedNetwork, routes: readonly Route[], doors: readonly Door[]) {
    this.network = network;
    this.routes = routes;
    this.#doors = doors;
  }

  /** @throws TonearmError config.port-in-use, config.invalid when an address cannot be listened on */
  static async start(ports: NetworkPorts, { routes, plan, hasUdp }: NetworkProxyOptions): Promise<NetworkProxy> {
    const network = new SimulatedNetwork(ports, plan);
    const doors: Door[] = [];
    const known: Route[] = [];
    try {
      for (const { listen, to } of routes) {
        const tcp = await TcpDoor.open({ listen, to }, { network, clock: ports.clock });
        doors.push(tcp);
        const route = { listen: { ...listen, port: tcp.port }, to };
        if (hasUdp === true) doors.push(await UdpDoor.open(route, { network, clock: ports.clock }));
        known.push(route);
      }
      return new NetworkProxy(network, known, doors);
    } catch (thrown) {
      await closeAll(network, doors);
      throw thrown;
    }
  }

  /** Resets what is open; calling it again is harmless. */
  stop(): Promise<void> {
    return closeAll(this.network, this.#doors);
  }
}

async function closeAll(network: SimulatedNetwork, doors: readonly Door[]): Promise<void> {
  await Promise.all(doors.map((door) => door.close()));
  network.close();
}
