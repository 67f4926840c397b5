/** Has the bridge's flight recorder write what it holds, for who looks after the speakers. */
import type { FastifyInstance } from 'fastify';
import * as z from 'zod/mini';
import type { FlightPost } from '#bridge/core/ports/flight-post';
import { TonearmError } from '#protocol/vocabulary/errors';

const SPEAKERS = { config: { scopes: ['tonearm-speakers'] } } as const;

export interface FlightRoutesPorts {
  /** Null: nothing is recorded. */
  readonly flight: FlightPost | null;
}

/** Where the recording was left. The recording itself stays on the bridge's disk. */
export const flightLeftView = z.object({ file: z.string(), sizeBytes: z.int(), seconds: z.number() });

export function addFlightRoutes(app: FastifyInstance, { flight }: FlightRoutesPorts): void {
  app.post('/tonearm/v1/flight-record', SPEAKERS, async (_request, reply) => {
    if (flight === null) {
      throw new TonearmError('input.unknown', 'nothing is recorded here: start the bridge with --flight-recorder on');
    }
    return reply.code(201).send(flight.write());
  });
}
