/** Every way in which a file can name another: static, type-only, side effect, re-export, dynamic, `import()` in a type. */
import { dirname, join, normalize } from 'node:path/posix';
import { lineAt, type SourceText } from './source-text.ts';

export interface ImportStatement {
  readonly specifier: string;
  readonly line: number;
  readonly isTypeOnly: boolean;
}

/** What a specifier stands for. */
export type ImportTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string; readonly specifier: string };

/** The `imports` of package.json as folders; a test holds the two together. */
export const ALIAS_FOLDERS: Readonly<Record<string, string>> = {
  '#protocol/': 'protocol/',
  '#device/': 'device/',
  '#bridge/': 'cloud-bridge/',
  '#sim/': 'simulators/',
  '#firmware/': 'firmware-scripts/',
};

const STATIC_IMPORT = /^import\s+(type\s+)?(?:[^'"`;()]*?\bfrom\s*)?['"]/;
const RE_EXPORT = /^export\s+(type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from\s*['"]/;
const CALLED_IMPORT = /^(?:import|require)\s*\(\s*['"`]/;

export function findImports(source: SourceText): ImportStatement[] {
  const found: ImportStatement[] = [];
  for (const match of source.skeleton.matchAll(/(?<![.\w$#])(import|export|require)\b/g)) {
    const rest = source.skeleton.slice(match.index);
    const head = STATIC_IMPORT.exec(rest) ?? RE_EXPORT.exec(rest) ?? CALLED_IMPORT.exec(rest);
    if (head === null) continue;
    const start = match.index + head[0].length;
    const quote = source.text.charAt(start - 1);
    const specifier = source.text.slice(start, source.text.indexOf(quote, start));
    found.push({ specifier, line: lineAt(source.text, match.index), isTypeOnly: head[1] !== undefined });
  }
  return found;
}

export function resolveImport(importer: string, specifier: string): ImportTarget {
  if (specifier.startsWith('.')) return { kind: 'file', path: normalize(join(dirname(importer), specifier)) };
  for (const [alias, folder] of Object.entries(ALIAS_FOLDERS)) {
    if (specifier.startsWith(alias)) return { kind: 'file', path: `${folder}${specifier.slice(alias.length)}.ts` };
  }
  if (specifier.startsWith('node:')) return { kind: 'builtin', name: specifier };
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
  return { kind: 'package', name, specifier };
}
