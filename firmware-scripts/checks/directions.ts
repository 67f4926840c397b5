/** Which room may import which, and who may use Node and npm: `protocol ← core ← adapters ← app`, device and bridge apart. */
import { type FileTree, isTest, type Rule, sourcesOf, type Violation } from './file-tree.ts';
import { findImports, type ImportStatement, type ImportTarget, resolveImport } from './imports.ts';
import { MAY_IMPORT, PURE_ROOMS, type Room, roomOf } from './rooms.ts';

/** Parts of `protocol/` and the parts they may import: `vocabulary ← wire ← ports ← kit`. */
const PROTOCOL_PARTS: Readonly<Record<string, readonly string[]>> = {
  vocabulary: [],
  wire: ['vocabulary'],
  ports: ['vocabulary', 'wire'],
  kit: ['vocabulary', 'wire', 'ports'],
};

/** Rooms that may import any npm package; the command line is a program of its own, simulators and scripts never ship. */
const ROOMS_WITH_PACKAGES: readonly Room[] = [
  'protocol/adapters',
  'device/adapters',
  'cloud-bridge/adapters',
  'cloud-bridge/phone/command-line',
  'simulators',
  'firmware-scripts',
];

/** The schema library, in its small form: the full one costs a speaker 11 MB. */
const SCHEMA_LIBRARY = 'zod/mini';

export const directions: Rule = {
  name: 'directions',
  check(tree) {
    return sourcesOf(tree).flatMap(({ path }) => checkFile(path, tree));
  },
};

function checkFile(path: string, tree: FileTree): Violation[] {
  const room = roomOf(path);
  const source = sourcesOf(tree).find((candidate) => candidate.path === path);
  if (room === null || source === undefined) return [];
  return findImports(source).flatMap((statement) => {
    const message = objection(path, room, statement, resolveImport(path, statement.specifier));
    return message === null ? [] : [{ path, line: statement.line, message }];
  });
}

function objection(path: string, room: Room, statement: ImportStatement, target: ImportTarget): string | null {
  switch (target.kind) {
    case 'file':
      return objectionToFile(path, room, target.path);
    case 'builtin':
      return PURE_ROOMS.includes(room) && !isTest(path)
        ? `${room} is pure and must not import ${target.name}; take what it gives through a port`
        : null;
    case 'package':
      return objectionToPackage(path, room, statement.specifier);
  }
}

function objectionToFile(path: string, room: Room, target: string): string | null {
  const other = roomOf(target);
  if (other === null) return `imports ${target}, which is in no room`;
  if (isTest(target)) return `imports the test ${target}; what two tests share is a file of its own in simulators`;
  if (isTest(path) && mayTest(room, other)) return null;
  if (other === 'simulators' && room !== 'simulators') return 'only tests may import simulators';
  if (other !== room && !MAY_IMPORT[room].includes(other)) return `${room} must not import ${other} (${target})`;
  return objectionInside(path, room, target);
}

/** A test may join what the product may not, on its own side: a service with a real store, an adapter beside its rival. */
function mayTest(room: Room, other: Room): boolean {
  if (other === 'simulators' || other === 'protocol/adapters') return true;
  return sideOf(room) === sideOf(other) && !other.endsWith('/app');
}

function sideOf(room: Room): string {
  return room.split('/')[0] ?? room;
}

/** Finer walls: the parts of the contract, and adapters, which know nothing of each other. */
function objectionInside(path: string, room: Room, target: string): string | null {
  if (room === 'protocol' && !isTest(path)) {
    const [from, to] = [path.split('/')[1] ?? '', target.split('/')[1] ?? ''];
    const allowed = PROTOCOL_PARTS[from];
    return allowed === undefined || from === to || allowed.includes(to)
      ? null
      : `protocol/${from} must not import protocol/${to}`;
  }
  const [from, to] = [adapterOf(path), adapterOf(target)];
  return from === null || to === null || from === to ? null : `adapter ${from} must not import adapter ${to}`;
}

/** @returns `device/adapters/NAME` for a file of an adapter's folder; null for other files and for adapters both sides share */
function adapterOf(path: string): string | null {
  return /^(?:device|cloud-bridge)\/adapters\/[^/]+(?=\/)/.exec(path)?.[0] ?? null;
}

function objectionToPackage(path: string, room: Room, specifier: string): string | null {
  if (isTest(path) || ROOMS_WITH_PACKAGES.includes(room)) return null;
  if (specifier === SCHEMA_LIBRARY && path.startsWith('protocol/wire/')) return null;
  return `${room} must not import npm packages (${specifier}); only adapters may`;
}
