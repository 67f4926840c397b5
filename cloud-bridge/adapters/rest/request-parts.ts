/** What a handler takes from a request, each part through a schema: a wrong one is a `TonearmError` naming the field. */
import type { FastifyRequest } from 'fastify';
import * as z from 'zod/mini';
import type { TonearmError } from '#protocol/vocabulary/errors';
import type { Result } from '#protocol/vocabulary/result';
import { type Infer, parseValue, speakerIdSchema } from '#protocol/wire/schema';
import { OFFSET_MAX } from './http-limits.ts';

/** The value, or the refusal thrown: the error handler of the door makes an answer of it. */
export function unwrap<Value>(result: Result<Value, TonearmError>): Value {
  if (result.ok) return result.value;
  throw result.error;
}

export function queryOf<S extends z.ZodMiniType>(schema: S, request: FastifyRequest): Infer<S> {
  return unwrap(parseValue(schema as z.ZodMiniType<Infer<S>>, request.query, 'query'));
}

/** An absent body is an empty one: clients send PUT without any, or with an empty one that claims to be JSON. */
export function bodyOf<S extends z.ZodMiniType>(schema: S, request: FastifyRequest): Infer<S> {
  return unwrap(parseValue(schema as z.ZodMiniType<Infer<S>>, request.body ?? {}, 'body'));
}

export function paramsOf<S extends z.ZodMiniType>(schema: S, request: FastifyRequest): Infer<S> {
  return unwrap(parseValue(schema as z.ZodMiniType<Infer<S>>, request.params, 'path'));
}

/** The bridge's address as this client wrote it; the perimeter has checked that it is one of ours. */
export function baseUrlOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}

/** How what is read from text is written, for the description of the routes: a number is said better than its pattern. */
export const writtenAs = z.registry<Readonly<Record<string, unknown>>, z.core.$ZodType>();

/** A whole number written in digits. */
export function digitsSchema(low: number, high: number) {
  const digits = z.pipe(
    z.string().check(z.regex(/^\d{1,15}$/)),
    z.pipe(
      z.transform((text: string) => Number(text)),
      z.int().check(z.gte(low), z.lte(high)),
    ),
  );
  writtenAs.add(digits, { type: 'integer', minimum: low, maximum: high });
  return digits;
}

export const booleanTextSchema = z.pipe(
  z.enum(['true', 'false']),
  z.transform((text) => text === 'true'),
);
writtenAs.add(booleanTextSchema, { type: 'boolean' });

/** `device_id`; some clients send it empty when they mean none. */
export const deviceIdSchema = z.pipe(
  z.transform((text: unknown) => (text === '' ? undefined : text)),
  z.optional(speakerIdSchema),
);
writtenAs.add(deviceIdSchema, { type: 'string', description: 'a speaker; the active one, if absent or empty' });

export function pageSchema(limitMax: number, limitDefault: number) {
  return {
    limit: z._default(digitsSchema(1, limitMax), limitDefault),
    offset: z._default(digitsSchema(0, OFFSET_MAX), 0),
  };
}
