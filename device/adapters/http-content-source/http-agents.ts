/**
 * The connections that are kept to each host, and the way to ask over them. TLS is loaded when a host first wants it.
 *
 * `node:http` is not imported but got: an import reads every export of a module at once, and one of this one's loads the
 * whole of Node's `fetch` (30 ms of a thread's start, and megabytes for as long as it lives).
 */
import type { Agent, request } from 'node:http';

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
  let plain: HttpAsker | null = null;
  let secure: HttpAsker | null = null;
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
      plain?.agent.destroy();
      secure?.agent.destroy();
    },
  };
}

function askerOf(module: {
  readonly request: typeof request;
  readonly Agent: new (limits: typeof LIMITS) => Agent;
}): HttpAsker {
  return { request: module.request, agent: new module.Agent(LIMITS) };
}
