/**
 * JSON Schemas (2020-12, as OpenAPI 3.1 has them) of the schemas that check input and describe answers. Shapes with a name
 * are written once, among the document's components.
 */
import * as z from 'zod/mini';
import { householdSnapshotSchema, ingestViewSchema } from '#protocol/wire/household';
import { manifestSchema } from '#protocol/wire/manifest';
import { storeCheckViewSchema } from '#protocol/wire/store-check';
import { writtenAs } from '../request-parts.ts';
import {
  albumAnswer,
  artistAnswer,
  errorAnswer,
  playerStateAnswer,
  trackAnswer,
  trackPageAnswer,
} from './web-api-answers.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const DEFINED = '#/$defs/';
const COMPONENTS = '#/components/schemas/';

const named = z.registry<{ readonly id: string }>();
named.add(trackAnswer, { id: 'Track' });
named.add(trackPageAnswer, { id: 'TrackPage' });
named.add(albumAnswer, { id: 'Album' });
named.add(artistAnswer, { id: 'Artist' });
named.add(playerStateAnswer, { id: 'PlayerState' });
named.add(errorAnswer, { id: 'Error' });
named.add(householdSnapshotSchema, { id: 'Household' });
named.add(ingestViewSchema, { id: 'Ingest' });
named.add(manifestSchema, { id: 'Manifest' });
named.add(storeCheckViewSchema, { id: 'StoreCheck' });

/** Makes the schemas of one document, and remembers which named ones it has used. */
export class JsonSchemas {
  readonly #components = new Map<string, unknown>();

  /** By name, in alphabetical order. */
  components(): JsonSchema {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Of what is answered. */
  answer(schema: z.ZodMiniType): JsonSchema {
    const name = named.get(schema)?.id;
    const { $defs = {}, ...own } = jsonSchemaOf(schema, 'output');
    for (const [id, defined] of Object.entries($defs as JsonSchema)) this.#components.set(id, withoutId(defined));
    if (name === undefined) return withoutId(own);
    this.#components.set(name, withoutId(own));
    return { $ref: `${COMPONENTS}${name}` };
  }

  /** Of what is taken: before defaults are put in and text is read. */
  input(schema: z.ZodMiniType): JsonSchema {
    return withoutId(jsonSchemaOf(schema, 'input'));
  }
}

function jsonSchemaOf(schema: z.ZodMiniType, io: 'input' | 'output'): Record<string, unknown> {
  const made = z.toJSONSchema(schema, {
    io,
    metadata: named,
    // What a transformation makes of anything has no schema; `writtenAs` says what is to be written.
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const written = writtenAs.get(zodSchema);
      if (written !== undefined) replace(jsonSchema, written);
      // Every whole number is bounded by what a double holds; that is no news.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // Answers may gain fields within a version (section 2.3 of the specification).
      delete jsonSchema.additionalProperties;
    },
  });
  const text = JSON.stringify(made).replaceAll(`"${DEFINED}`, `"${COMPONENTS}`);
  const { $schema: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return rest;
}

function replace(target: Record<string, unknown>, by: JsonSchema): void {
  for (const key of Object.keys(target)) if (key !== 'default') delete target[key];
  Object.assign(target, by);
}

function withoutId(schema: unknown): JsonSchema {
  const { id: _, ...rest } = schema as Record<string, unknown>;
  return rest;
}
