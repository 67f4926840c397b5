/** Prometheus' text format 0.0.4, as much of it as counters, gauges and histograms need. */

export interface Metric {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** For people; one line. */
  readonly help?: string;
  /**
   * Labels without their braces (`status="200"`), empty for none, and the value. What a client or a person wrote comes
   * through `labelValue`. A histogram's rows also say which of its parts they are.
   */
  readonly rows: readonly (readonly [labels: string, value: number, suffix?: string])[];
}

export const PROMETHEUS_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function renderPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, kind, help, rows }) => {
      const explained = help === undefined ? '' : `# HELP ${name} ${help.replaceAll('\\', '\\\\')}\n`;
      const lines = rows.map(
        ([labels, value, suffix = '']) => `${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${value}\n`,
      );
      return `${explained}# TYPE ${name} ${kind}\n${lines.join('')}`;
    })
    .join('');
}

/** Any text as the value of a label, without its quotation marks. */
export function labelValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
