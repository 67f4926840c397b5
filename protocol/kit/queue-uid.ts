/** How an entry of the context is named: by its place in the context, which never changes while it plays. Spec 5.6. */

const CONTEXT_UID = /^c(\d{1,5})$/;

export function contextUid(place: number): string {
  return `c${place}`;
}

/** @returns null for a name of another kind */
export function contextPlaceOf(uid: string): number | null {
  const digits = CONTEXT_UID.exec(uid)?.[1];
  return digits === undefined ? null : Number(digits);
}
