/**
 * The outcome of something that may be refused.
 *
 * An expected "no" (a command for an older epoch, a malformed message) is a value that the caller must look at, not an
 * exception. Failures of the world (a socket, a disk) are `TonearmError`; bugs are assertions.
 */
export type Result<Value, Refusal> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Refusal };

/** It was done. */
export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** It was refused; the reason is for the caller to look at. */
export function refused<Refusal>(error: Refusal): { readonly ok: false; readonly error: Refusal } {
  return { ok: false, error };
}

/** For a switch over a union that must name every variant: the compiler refuses a missing one, a bug at run time says so. */
export function unreachable(value: never): never {
  throw new Error(`unreachable variant: ${JSON.stringify(value)}`);
}

/** For what can only be false through a bug of ours. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${claim}`);
}
