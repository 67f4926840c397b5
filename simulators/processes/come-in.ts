/** Comes in by a link, as the page of a phone does: the first owner by the one that a bridge logs, others by theirs. */

/** A token of 43 characters and not one more: where colours are printed, one follows it. */
const OWNER_LINK = /http:\S+(\/welcome#[0-9A-Za-z_-]{43})/;

/** @returns path and token of the owner's link in what `npm start` printed; undefined while it shows none */
export function ownerLinkIn(printed: string): string | undefined {
  return OWNER_LINK.exec(printed)?.[1];
}

/** @param link `…/welcome#TOKEN`, with the bridge's own address before it */
export async function comeIn(
  link: string,
  options: { readonly name?: string; readonly password?: string } = {},
): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }> {
  const { origin, hash } = new URL(link);
  const answer = await fetch(`${origin}/tonearm/v1/links/use`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: hash.slice(1), ...options }),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (answer.status !== 204 || cookie === undefined) {
    throw new Error(`the link lets nobody in: ${answer.status} ${await answer.text()}`);
  }
  return { url: origin, headers: { cookie } };
}
