/**
 * The compiler's own walls: TypeScript refuses an import of a project that is not referenced, and Node's types where they are not
 * listed. This holds each project's references to the table of rooms, so that nobody opens a door by editing a tsconfig.
 */
import { dirname, join } from 'node:path/posix';
import type { FileTree, Rule, Violation } from './file-tree.ts';
import { MAY_IMPORT, PURE_ROOMS, ROOMS, type Room } from './rooms.ts';

interface Project {
  readonly compilerOptions?: { readonly types?: readonly string[]; readonly lib?: readonly string[] };
  readonly references?: readonly { readonly path: string }[];
}

/** The page in the browser is plain JavaScript and has no project. */
const ROOMS_WITHOUT_PROJECT: readonly Room[] = ['cloud-bridge/phone/web'];

export const projectReferences: Rule = {
  name: 'project-references',
  check(tree) {
    const solution = readProject(tree, 'tsconfig.json');
    const listed = new Set(solution?.references?.map(({ path }) => path) ?? []);
    return ROOMS.filter((room) => !ROOMS_WITHOUT_PROJECT.includes(room)).flatMap((room) =>
      checkRoom(room, tree, listed),
    );
  },
};

function checkRoom(room: Room, tree: FileTree, listed: ReadonlySet<string>): Violation[] {
  const path = `${room}/tsconfig.json`;
  const violation = (message: string): Violation => ({ path, line: 1, message });
  const project = readProject(tree, path);
  if (project === null) return [violation('is missing or is not JSON: the room has no wall')];
  const opened = (project.references ?? [])
    .map((reference) => join(dirname(path), reference.path))
    .filter((target) => target !== room && !MAY_IMPORT[room].some((allowed) => allowed === target))
    .map((target) => violation(`references ${target}, which ${room} must not import`));
  const powers = PURE_ROOMS.includes(room) ? givenPowers(project).map(violation) : [];
  const unlisted = listed.has(room)
    ? []
    : [violation('is not among the references of tsconfig.json: nobody checks it')];
  return [...opened, ...powers, ...unlisted];
}

function givenPowers({ compilerOptions }: Project): string[] {
  const types = compilerOptions?.types;
  const hasTypes = types === undefined || types.length > 0;
  const hasDom = compilerOptions?.lib?.some((lib) => /dom|worker/i.test(lib)) === true;
  return [
    ...(hasTypes ? ['a pure room sets "types": [], or Node would be within reach'] : []),
    ...(hasDom ? ['a pure room has no browser library'] : []),
  ];
}

function readProject(tree: FileTree, path: string): Project | null {
  try {
    return JSON.parse(tree.get(path) ?? '') as Project;
  } catch {
    return null;
  }
}
