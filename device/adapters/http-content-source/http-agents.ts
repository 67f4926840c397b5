/**
 * The connections that are kept to each host, and the way to ask over them. TLS is loaded when a host first wants it.
 *
 * `node:http` is not imported but got: an import reads every export of a module at once, and one of this one's loads the
 * whole of Node's `fetch` (30 ms of a thread's start, and megabytes for as long as it lives).
 */
import type { Agent, AgentOptions, request } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { createPatientLookup } from '#protocol/adapters/patient-lookup';
import { connectPinned, isVerified, whenVerified } from '#protocol/adapters/pinned-socket';
import { createSpareConnections } from './spare-connections.ts';

/** Connections kept to one host: two requests of the current track and two of the next. */
const SOCKETS_MAX = 4;
const LIMITS = { keepAlive: true, maxSockets: SOCKETS_MAX } as const;

/** One for all hosts and kinds of connection of a thread. */
const patient = createPatientLookup();

/** How to ask one kind of host. */
export interface HttpAsker {
  readonly request: typeof request;
  readonly agent: Agent;
  /** Names to addresses. */
  readonly lookup: LookupFunction;
}

export interface HttpAgents {
  /** @param url decides by its scheme; @param pin who must answer where it is by TLS; absent: whom a certificate authority names */
  askerFor(url: string, pin?: Uint8Array): HttpAsker;
  /** Ends the connections that are kept; others may be made later. */
  close(): void;
}

export function createHttpAgents(): HttpAgents {
  let plain: Asker | null = null;
  let secure: Asker | null = null;
  let pinned: { readonly pin: string; readonly asker: Asker } | null = null;

  const pinnedAsker = (pin: Uint8Array): Asker => {
    const name = Buffer.from(pin).toString('hex');
    if (pinned?.pin === name) return pinned.asker;
    pinned?.asker.close();
    pinned = { pin: name, asker: pinnedAskerOf(process.getBuiltinModule('node:https'), pin) };
    return pinned.asker;
  };

  return {
    askerFor: (url, pin) => {
      if (url.startsWith('https:') && pin !== undefined) return pinnedAsker(pin);
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
      pinned?.asker.close();
    },
  };
}

/** What Node's agents are made to be overridden by, and its types do not tell of. */
interface Connecting {
  /** Gives the socket, or nothing yet and tells `done` later. */
  createConnection(options: ConnectOptions, done?: Done): Socket | undefined;
}

type Done = (error: Error | null, socket?: Socket) => void;

type ConnectOptions = AgentOptions & { readonly host?: string; readonly port?: number; readonly servername?: string };

interface HttpModule {
  readonly request: typeof request;
  readonly Agent: new (limits: typeof LIMITS) => Agent;
}

const hostOf = ({ host = '', port = 0, servername = '' }: ConnectOptions): string => `${host} ${port} ${servername}`;

function askerOf(module: HttpModule): Asker {
  const agent = new module.Agent(LIMITS);
  const connecting = agent as unknown as { createConnection(options: ConnectOptions): Socket };
  const spares = createSpareConnections<ConnectOptions>(connecting.createConnection.bind(agent), hostOf);
  connecting.createConnection = spares.take;
  return keptAsker(module, agent, spares);
}

/** Nobody gets a socket to write to before the right key has answered on it. */
function pinnedAskerOf(module: HttpModule, pin: Uint8Array): Asker {
  const agent = new module.Agent(LIMITS);
  const spares = createSpareConnections(
    ({ host = '', port = 0 }: ConnectOptions) => connectPinned({ host, port: Number(port), pin, lookup: patient }),
    hostOf,
    { event: 'secureConnect', isReady: (socket) => isVerified(socket) && socket.readyState === 'open' },
  );
  const connecting = agent as unknown as Connecting;
  connecting.createConnection = (options, done) => {
    const socket = spares.take(options);
    if (isVerified(socket)) return socket;
    whenVerified(socket, (error) => (error === null ? done?.(null, socket) : done?.(error)));
    return undefined;
  };
  return keptAsker(module, agent, spares);
}

function keptAsker(module: HttpModule, agent: Agent, spares: { close(): void }): Asker {
  return {
    request: module.request,
    agent,
    lookup: patient,
    close: () => {
      spares.close();
      agent.destroy();
    },
  };
}

interface Asker extends HttpAsker {
  close(): void;
}
