/** How the lines of a chart look and what they are called: one colour for one owner in all charts, dashes for what of theirs it is. */

/** Colours there are; then they come again. */
const COLOURS = 8;
const DASHES = [[], [5, 3], [2, 2], [8, 3, 2, 3]];

export function ownerColour(who, owners) {
  return who === null ? '--ink' : `--c${owners.indexOf(who) % COLOURS}`;
}

/** Those of all together first, then by owner. */
export function styledLines({ lines }, owners) {
  const names = [...new Set(lines.map(({ name }) => name))];
  const styleOf = ({ who, name }) => ({
    colour: who === null && names.length > 1 ? `--c${names.indexOf(name) % COLOURS}` : ownerColour(who, owners),
    dash: who === null ? [] : DASHES[names.indexOf(name) % DASHES.length],
    width: who === null ? 2.2 : 1.5,
  });
  const place = ({ who }) => (who === null ? -1 : owners.indexOf(who));
  return lines
    .map((line) => ({ ...line, ...styleOf(line), label: labelOf(line, names) }))
    .sort((left, right) => place(left) - place(right));
}

function labelOf({ who, name, chart }, names) {
  if (who === null) return names.length > 1 || name !== chart ? name : 'all together';
  return names.length > 1 ? `${who}, ${name}` : who;
}
