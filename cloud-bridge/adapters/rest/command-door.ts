/** A phone's request, from an HTTP handler to the household and back. */
import type { FastifyRequest } from 'fastify';
import type { Household, PhoneRequest } from '#bridge/core/ports/household';
import type { Random } from '#protocol/ports/random';
import { type CommandId, commandId } from '#protocol/vocabulary/ids';
import { commandIdSchema, parseValue } from '#protocol/wire/schema';
import { callerOf } from './callers.ts';
import { REQUEST_DEADLINE } from './http-limits.ts';
import { unwrap } from './request-parts.ts';

const COMMAND_ID_LENGTH = 22;

export interface CommandDoor {
  /**
   * Throws what the household refuses. A client that repeats a request with the same `Idempotency-Key` gets the first
   * answer and changes nothing.
   */
  perform(request: FastifyRequest, wish: PhoneRequest): Promise<void>;
  /** A second step of the same request, under an id of its own. */
  followUp(request: FastifyRequest, wish: PhoneRequest): Promise<void>;
}

export function createCommandDoor(household: Household, random: Random): CommandDoor {
  const newId = () => commandId(random.token(COMMAND_ID_LENGTH));
  const ask = async (request: FastifyRequest, wish: PhoneRequest, id: CommandId) => {
    const { accountId, name: accountName } = callerOf(request);
    unwrap(await household.request(wish, { accountId, accountName, commandId: id, deadline: REQUEST_DEADLINE }));
  };
  return {
    perform: async (request, wish) => {
      const given = request.headers['idempotency-key'];
      return ask(request, wish, given === undefined ? newId() : keyOf(given));
    },
    followUp: (request, wish) => ask(request, wish, newId()),
  };
}

function keyOf(given: string | string[]): CommandId {
  const parsed = parseValue(commandIdSchema, given, 'header idempotency-key');
  return unwrap(parsed);
}
