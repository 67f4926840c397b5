/**
 * The connections that are kept to each host, and the way to ask over them. TLS is loaded when a host first wants it.
 *
 * `node:http` is not imported but got: an import reads every export of a module at once, and one of this one's loads the
 * whole of Node's `fetch` (30 ms of a thread's start, and megabytes for as long as it lives).
 */
import type { Agent, AgentOptions, request } from 'node:http';
import type { Socket } from 'node:net';
import { createSpareConnections } from './spare-connections.ts';

/** Connections kept to one host: two requests of the current track and two of the next. */
const SOCKETS_MAX = 4;
const LIMITS = { keepAlive: true, maxSockets: SOCKETS_MAX } as const;

/** How to ask one kind of host. */
export interface HttpAsker {
  readonly request: typeof request;
  readonly agent: Agent;
}

export interface HttpAgents {
  /** @param url decides by its scheme */
  askerFor(url: string): HttpAsker;
  /** Ends the connections that are kept; others may be made later. */
  close(): void;
}

export function createHttpAgents(): HttpAgents {
  let plain: Asker | null = null;
  let secure: Asker | null = null;
  return {
    askerFor: (url) => {
      if (url.startsWith('https:')) {
        secure ??= askerOf(process.getBuiltinModule('node:https'));
        return secure;
      }
      plain ??= askerOf(process.getBuiltinModule('node:http'));
      return plain;
    },
    close: () => {
      plain?.close();
      secure?.close();
    },
  };
}

/** What Node's agents are made to be overridden by, and its types do not tell of. */
interface Connecting {
  createConnection(options: ConnectOptions): Socket;
}

type ConnectOptions = AgentOptions & { readonly host?: string; readonly port?: number; readonly servername?: string };

function askerOf(module: {
  readonly request: typeof request;
  readonly Agent: new (limits: typeof LIMITS) => Agent;
}): Asker {
  const agent = new module.Agent(LIMITS);
  const connecting = agent as unknown as Connecting;
  const spares = createSpareConnections<ConnectOptions>(
    connecting.createConnection.bind(agent),
    ({ host = '', port = 0, servername = '' }) => `${host} ${port} ${servername}`,
  );
  connecting.createConnection = spares.take;
  return {
    request: module.request,
    agent,
    close: () => {
      spares.close();
      agent.destroy();
    },
  };
}

interface Asker extends HttpAsker {
  close(): void;
}
