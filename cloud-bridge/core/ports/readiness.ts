/** Whether something that a bridge cannot do without answers: asked by whoever sends it work (`/readyz`). */

export interface ReadinessCheck {
  /** One word, for people and machines: `catalogue`, `store`, `bus`. */
  readonly name: string;
  /** Null when all is well, else why not. May reject, which is a reason too; is not waited for longer than its asker likes. */
  problem(): Promise<string | null>;
}
