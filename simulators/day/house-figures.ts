/** Reads what a bridge tells Prometheus, as far as a report shows it. Pure. */

export interface HouseFigures {
  /** Open WebSockets, by what they are for. */
  readonly sockets: ReadonlyMap<string, number>;
  /** Music that was sent, ever. */
  readonly contentBytes: number;
}

const LINE = /^([a-z_]+)(?:\{([^}]*)\})? (\S+)$/;
const FIRST_LABEL = /="([^"]*)"/;

/** @param text in Prometheus' own form; what it does not know it passes over */
export function readHouseFigures(text: string): HouseFigures {
  const sockets = new Map<string, number>();
  let contentBytes = 0;
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === 'tonearm_ws_connections') sockets.set(FIRST_LABEL.exec(labels)?.[1] ?? 'all', Number(value));
    if (name === 'tonearm_content_bytes_total') contentBytes += Number(value);
  }
  return { sockets, contentBytes };
}
