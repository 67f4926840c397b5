/** Prometheus' text format 0.0.4, as much of it as counters and gauges need. */

export interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  /** Labels without their braces (`status="200"`), empty for none, and the value. Labels are ours, never a client's. */
  readonly rows: readonly (readonly [labels: string, value: number])[];
}

export const PROMETHEUS_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function renderPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, kind, rows }) => {
      const lines = rows.map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`);
      return `# TYPE ${name} ${kind}\n${lines.join('')}`;
    })
    .join('');
}
