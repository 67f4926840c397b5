/**
 * No import rings, type-only rings included: two files that need each other are one file, or lack a third. Rings that the
 * compiler lets pass still decide at run time which half sees the other unfinished.
 */
import { type FileTree, type Rule, sourcesOf, type Violation } from './file-tree.ts';
import { findImports, resolveImport } from './imports.ts';

interface Edge {
  readonly to: string;
  readonly line: number;
}

export const importRings: Rule = {
  name: 'import-rings',
  check(tree) {
    const graph = importGraph(tree);
    const done = new Set<string>();
    return [...graph.keys()].flatMap((path) => ringsFrom(path, graph, done));
  },
};

function importGraph(tree: FileTree): Map<string, Edge[]> {
  const graph = new Map<string, Edge[]>();
  for (const source of sourcesOf(tree)) {
    const edges = findImports(source).flatMap(({ specifier, line }) => {
      const target = resolveImport(source.path, specifier);
      return target.kind === 'file' && tree.has(target.path) ? [{ to: target.path, line }] : [];
    });
    graph.set(source.path, edges);
  }
  return graph;
}

/** Depth first with a stack of our own: a chain of imports may be longer than the machine's stack. */
function ringsFrom(start: string, graph: Map<string, Edge[]>, done: Set<string>): Violation[] {
  const violations: Violation[] = [];
  const trail: { readonly path: string; readonly edges: readonly Edge[]; next: number }[] = [];
  const enter = (path: string): void => {
    trail.push({ path, edges: graph.get(path) ?? [], next: 0 });
  };
  if (!done.has(start)) enter(start);
  for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
    const edge = top.edges[top.next];
    top.next += 1;
    if (edge === undefined) {
      done.add(top.path);
      trail.pop();
      continue;
    }
    const from = trail.findIndex(({ path }) => path === edge.to);
    if (from !== -1) {
      const ring = [...trail.slice(from).map(({ path }) => path), edge.to];
      violations.push({ path: top.path, line: edge.line, message: `import ring: ${ring.join(' → ')}` });
    } else if (!done.has(edge.to)) enter(edge.to);
  }
  return violations;
}
