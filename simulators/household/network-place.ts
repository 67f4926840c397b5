/** Where on the network the household is: its address for phones, and a port that it can have. */
import { createServer } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Interfaces of containers and virtual machines: a phone in the house cannot reach what is behind them. */
const VIRTUAL_INTERFACE = /^(?:docker|br-|veth|virbr|vmnet|tun|tap|utun|zt|wg)/;
/** Ports tried after the default one. */
const PORTS_TRIED_MAX = 20;

/**
 * @param interfaces as the system lists them
 * @returns the address to show to people: IPv4, of a real interface before a virtual one; loopback when there is no network
 */
export function lanAddress(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): string {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ address, isVirtual: VIRTUAL_INTERFACE.test(name) })),
  );
  const best = found.find(({ isVirtual }) => !isVirtual) ?? found[0];
  return best?.address ?? '127.0.0.1';
}

/** @returns the first port from `first` on that nobody listens on; null when all that were tried are taken */
export async function firstFreePort(first: number): Promise<number | null> {
  for (let port = first; port < first + PORTS_TRIED_MAX; port += 1) if (await isPortFree(port)) return port;
  return null;
}

/** Whether one can listen on the port on every address of this machine. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '0.0.0.0', () => server.close(() => resolve(true)));
  });
}
