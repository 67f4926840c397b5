/**
 * Which speaker (or command) somebody means: names as people type them, in any case, shortened, or by id; and, when
 * nothing fits, the nearest name for a "did you mean".
 */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export type NameMatch<Item> =
  | { readonly kind: 'one'; readonly item: Item }
  | { readonly kind: 'several'; readonly items: readonly Item[] }
  | { readonly kind: 'none'; readonly nearest: Item | null };

/** Accents and case do not matter when one types a name. */
export function plainName(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** By whole id, then whole name, then the beginning of a name or of an id; the first of these that fits anything decides. */
export function matchName<Item extends Named>(items: readonly Item[], typed: string): NameMatch<Item> {
  const wanted = plainName(typed);
  const rules: ((item: Item) => boolean)[] = [
    (item) => item.id === typed.trim(),
    (item) => item.name === typed.trim(),
    (item) => plainName(item.name) === wanted,
    (item) => plainName(item.name).startsWith(wanted),
    (item) => item.id.toLowerCase().startsWith(wanted),
    (item) =>
      plainName(item.name)
        .split(' ')
        .some((word) => word.startsWith(wanted)),
  ];
  for (const rule of wanted === '' ? [] : rules) {
    const fitting = items.filter(rule);
    const [only] = fitting;
    if (fitting.length === 1 && only !== undefined) return { kind: 'one', item: only };
    if (fitting.length > 1) return { kind: 'several', items: fitting };
  }
  return { kind: 'none', nearest: nearestByName(items, wanted) };
}

/** Letters that may be wrong for a name still to be suggested, as a share of its length. */
const WRONG_SHARE_MAX = 0.4;

function nearestByName<Item extends Named>(items: readonly Item[], wanted: string): Item | null {
  let nearest: Item | null = null;
  let best = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const name = plainName(item.name);
    const distance = editDistance(name, wanted);
    if (distance <= Math.max(name.length, wanted.length) * WRONG_SHARE_MAX && distance < best) {
      best = distance;
      nearest = item;
    }
  }
  return nearest;
}

/** Names are cut to this before they are compared: the work grows with the square. */
const COMPARED_LENGTH_MAX = 64;

/** Letters to insert, delete, replace or swap with their neighbour to get from one to the other. */
export function editDistance(from: string, to: string): number {
  const a = from.slice(0, COMPARED_LENGTH_MAX);
  const b = to.slice(0, COMPARED_LENGTH_MAX);
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, place) => place);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const left = row[j - 1] ?? 0;
      const above = last[j] ?? 0;
      const diagonal = last[j - 1] ?? 0;
      let cost = Math.min(left + 1, above + 1, diagonal + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
