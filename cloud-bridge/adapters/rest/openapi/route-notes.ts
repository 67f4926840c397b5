/**
 * What a description of the routes says of one beyond what the server itself knows (method, path, scopes): in a word what
 * it is for, the schemas that check what it takes, and what it answers. The schemas are the very ones that its handler uses.
 */
import type * as z from 'zod/mini';

/** The schema of a JSON body, the media type of another one, or null for none. */
export type Answer = z.ZodMiniType | `${string}/${string}` | null;

export interface RouteNote {
  readonly summary: string;
  readonly path?: z.ZodMiniType;
  readonly query?: z.ZodMiniType;
  readonly headers?: z.ZodMiniType;
  readonly body?: z.ZodMiniType;
  /** By status. What goes wrong is the same for all and need not be said. */
  readonly answers: Readonly<Record<number, Answer>>;
}

/** By method and path as the server has them: `GET /v1/tracks/:id`. */
export type RouteNotes = Readonly<Record<string, RouteNote>>;
