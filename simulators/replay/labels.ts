/** Names for people in the place of ids: track 1, track 2 and so on, in the order in which they were first named. */
export class Labels {
  readonly #known = new Map<string, Map<string, string>>();

  /** Of no track: `nothing`. */
  track(id: unknown): string {
    return typeof id === 'string' ? this.#label('track', id) : 'nothing';
  }

  speaker(id: unknown): string {
    return typeof id === 'string' ? this.#label('speaker', id) : 'somebody';
  }

  command(id: unknown): string {
    return typeof id === 'string' ? this.#label('command', id) : 'a command';
  }

  #label(kind: string, id: string): string {
    const known = this.#known.get(kind) ?? new Map<string, string>();
    this.#known.set(kind, known);
    const label = known.get(id) ?? `${kind} ${known.size + 1}`;
    known.set(id, label);
    return label;
  }
}
