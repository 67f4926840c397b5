/** What happened, for people and machines. One event, one line; `fields` are facts and never secrets. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  with(fields: LogFields): Logger;
}

/** Facts of one event; `undefined` is left out. Units are in the names (`bufferedMs`). */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
