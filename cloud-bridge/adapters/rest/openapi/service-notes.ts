/** What those ask who look after a bridge, described. */
import type { RouteNotes } from './route-notes.ts';

const TEXT = 'text/plain';

export const serviceNotes: RouteNotes = {
  'GET /openapi.json': { summary: 'This description', answers: { 200: 'application/json' } },
  'GET /healthz': { summary: 'That it lives', answers: { 200: TEXT } },
  'GET /metrics': { summary: 'Figures for Prometheus', answers: { 200: TEXT } },
};
