/** Begins to listen, and says in our words, naming the flag, why it cannot. */
import type { FastifyInstance } from 'fastify';
import { TonearmError } from '#protocol/vocabulary/errors';
import { BACKLOG_MAX } from './http-limits.ts';

/** @param flags what the two are called on the command line @returns the port in use */
export async function listenOn(
  app: FastifyInstance,
  { port, host }: { readonly port: number; readonly host: string },
  flags: { readonly port: string; readonly host: string },
): Promise<number> {
  try {
    await app.listen({ port, host, backlog: BACKLOG_MAX });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      const message = `--${flags.port}: ${port} is in use on ${host}; choose another, or 0 for any that is free`;
      throw new TonearmError('config.port-in-use', message, { field: flags.port, cause });
    }
    if (code === 'EACCES') {
      const message = `--${flags.port}: ${port} may not be used by this user`;
      throw new TonearmError('config.invalid', message, { field: flags.port, cause });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      const message = `--${flags.host}: ${host} is no address of this machine`;
      throw new TonearmError('config.invalid', message, { field: flags.host, cause });
    }
    throw cause;
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
