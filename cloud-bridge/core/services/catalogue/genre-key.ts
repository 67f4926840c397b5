/** Whether two genres are the same: whatever their case, width and dashes, "Hip-Hop" and "hip hop" are one. */
export function genreKey(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\u2010-\u2015-]+/g, ' ')
    .trim();
}
