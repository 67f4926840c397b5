/** A TCP address at which a simulated network begins: each connection to it is passed on to where it leads. */
import { createServer, type Server } from 'node:net';
import type { Clock } from '#protocol/ports/clock';
import { type Endpoint, listeningFailure } from './endpoint.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import { TcpPassage } from './tcp-passage.ts';

/** Each is two sockets of this process. */
const CONNECTIONS_MAX = 20_000;

export class TcpDoor {
  readonly port: number;
  readonly #server: Server;
  readonly #passages: Set<TcpPassage>;

  private constructor(port: number, server: Server, passages: Set<TcpPassage>) {
    this.port = port;
    this.#server = server;
    this.#passages = passages;
  }

  /** @throws TonearmError config.port-in-use, config.invalid when that address cannot be had */
  static async open(
    { listen, to }: { readonly listen: Endpoint; readonly to: Endpoint },
    { network, clock }: { readonly network: SimulatedNetwork; readonly clock: Clock },
  ): Promise<TcpDoor> {
    const passages = new Set<TcpPassage>();
    // Half-open, as the end of one way says nothing of the other.
    const server = createServer({ allowHalfOpen: true }, (client) => {
      if (network.isRefusing) {
        client.resetAndDestroy();
        return;
      }
      const passage: TcpPassage = new TcpPassage(client, to, network, clock.nowUs(), () => {
        passages.delete(passage);
        leave();
      });
      const leave = network.enter(passage);
      passages.add(passage);
    });
    server.maxConnections = CONNECTIONS_MAX;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listeningFailure(listen, error)));
      server.listen({ port: listen.port, host: listen.host }, resolve);
    });
    const address = server.address();
    return new TcpDoor(typeof address === 'object' && address !== null ? address.port : 0, server, passages);
  }

  async close(): Promise<void> {
    for (const passage of this.#passages) passage.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
