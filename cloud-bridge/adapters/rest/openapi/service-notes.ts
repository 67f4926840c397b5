/** What those ask who look after a bridge, described. */
import * as z from 'zod/mini';
import type { RouteNotes } from './route-notes.ts';

const TEXT = 'text/plain';
/** By what it depends on; null: all is well. */
const readiness = z.object({ isReady: z.boolean(), problems: z.record(z.string(), z.nullable(z.string())) });

export const serviceNotes: RouteNotes = {
  'GET /openapi.json': { summary: 'This description', answers: { 200: 'application/json' } },
  'GET /healthz': { summary: 'That it lives', answers: { 200: TEXT } },
  'GET /readyz': { summary: 'Whether it can work, else why not', answers: { 200: readiness, 503: readiness } },
  'GET /metrics': { summary: 'Figures for Prometheus', answers: { 200: TEXT } },
};
