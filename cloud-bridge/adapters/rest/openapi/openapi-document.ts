/**
 * The description of the bridge's routes in OpenAPI 3.1, made from the routes that the server has and the schemas that check
 * what they take, so that it cannot say anything else than what is done. Pure.
 */
import type * as z from 'zod/mini';
import type { Scope } from '#bridge/core/ports/callers';
import { type JsonSchema, JsonSchemas } from './json-schemas.ts';
import type { Answer, RouteNote, RouteNotes } from './route-notes.ts';
import { errorAnswer } from './web-api-answers.ts';

/** A route as the server has it. */
export interface KnownRoute {
  readonly method: string;
  /** With parameters as `:id`. */
  readonly url: string;
  /** Null: for everybody. */
  readonly scopes: readonly Scope[] | null;
}

const TAGS: readonly (readonly [prefix: string, tag: string])[] = [
  ['/v1/me/player', 'player'],
  ['/v1/', 'catalogue'],
  ['/content/', 'content'],
  ['/tonearm/', 'house'],
];
const TAG_OTHERWISE = 'service';

/** @param version of the bridge */
export function createOpenApi(routes: readonly KnownRoute[], notes: RouteNotes, version: string): JsonSchema {
  const schemas = new JsonSchemas();
  const paths: Record<string, Record<string, unknown>> = {};
  const inOrder = [...routes].sort((a, b) => compare(a.url, b.url) || compare(a.method, b.method));
  for (const route of inOrder) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, notes, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tonearm bridge',
      summary: 'What a bridge answers to phones, speakers, edges and whoever watches it.',
      description:
        'The routes below /v1 are compatible with the player of the Spotify Web API and its neighbours; this project has nothing to do with the company behind it. Errors have the codes of the protocol’s specification, section 9.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      version,
    },
    servers: [{ url: '/', description: 'the bridge that gave this description' }],
    security: [{ bearer: [] }],
    tags: [...TAGS.map(([, name]) => ({ name })), { name: TAG_OTHERWISE }],
    paths,
    components: {
      schemas: schemas.components(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An access token of this bridge; the names beside it are the scopes that it must have. Nobody is asked in a house that runs with --access open.',
        },
      },
    },
  };
}

function operationOf(route: KnownRoute, notes: RouteNotes, schemas: JsonSchemas): JsonSchema {
  const key = `${route.method} ${route.url}`;
  const note: RouteNote = notes[key] ?? { summary: key, answers: {} };
  const body = note.body === undefined ? {} : { requestBody: requestBodyOf(schemas.input(note.body)) };
  const parameters = parametersOf(route, note, schemas);
  return {
    operationId: operationIdOf(route),
    summary: note.summary,
    tags: [TAGS.find(([prefix]) => route.url.startsWith(prefix))?.[1] ?? TAG_OTHERWISE],
    security: route.scopes === null ? [] : [{ bearer: route.scopes }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...body,
    responses: responsesOf(note, schemas),
  };
}

/** An absent body is an empty one, so it is needed only where a field of it is. */
function requestBodyOf(schema: JsonSchema): JsonSchema {
  const required = Array.isArray(schema['required']) && schema['required'].length > 0;
  return { required, content: { 'application/json': { schema } } };
}

function parametersOf({ url }: KnownRoute, note: RouteNote, schemas: JsonSchemas): JsonSchema[] {
  const place = (where: 'path' | 'query' | 'header', schema: z.ZodMiniType | undefined) => {
    if (schema === undefined) return [];
    const { properties = {}, required = [] } = schemas.input(schema);
    return Object.entries(properties as Record<string, unknown>).map(([name, of]) => ({
      name,
      in: where,
      required: where === 'path' || (required as string[]).includes(name),
      schema: of,
    }));
  };
  const told = place('path', note.path);
  const others = [...url.matchAll(/:(\w+)/g)].flatMap(([, name]) =>
    name === undefined || told.some((parameter) => parameter.name === name)
      ? []
      : [{ name, in: 'path', required: true, schema: { type: 'string' } }],
  );
  return [...told, ...others, ...place('query', note.query), ...place('header', note.headers)];
}

function responsesOf(note: RouteNote, schemas: JsonSchemas): JsonSchema {
  const responses: Record<string, unknown> = {};
  for (const [status, answer] of Object.entries(note.answers)) responses[status] = responseOf(answer, schemas);
  const error = { 'application/json': { schema: schemas.answer(errorAnswer) } };
  return { ...responses, default: { description: 'What was refused or went wrong', content: error } };
}

function responseOf(answer: Answer, schemas: JsonSchemas): JsonSchema {
  if (answer === null) return { description: 'Without a body' };
  if (typeof answer === 'string') return { description: 'As asked', content: { [answer]: {} } };
  return { description: 'As asked', content: { 'application/json': { schema: schemas.answer(answer) } } };
}

/** `GET /v1/tracks/:id` → `getV1TracksById`. */
function operationIdOf({ method, url }: KnownRoute): string {
  const words = url.split(/[/.-]/).filter((word) => word !== '');
  const capital = (word: string) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const named = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)));
  return `${method.toLowerCase()}${named.join('')}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
