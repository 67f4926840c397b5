/**
 * How a speaker's service starts its process: the flags of Node and the environment that its unit names. Who measures a
 * bundled speaker starts it so, since that is what runs at home.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const UNIT = join(import.meta.dirname, '..', '..', 'firmware-scripts', 'systemd', 'tonearm-speaker.service');

export interface ServiceStart {
  /** Before the program. */
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error when the unit says nothing of Node */
export function readServiceStart(): ServiceStart {
  const unit = readFileSync(UNIT, 'utf8');
  const settings = new Map(
    [...unit.matchAll(/^Environment=([A-Z_]+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const options = settings.get('NODE_OPTIONS');
  if (options === undefined) throw new Error(`${UNIT} starts no Node`);
  settings.delete('NODE_OPTIONS');
  // Places that the system gives a service (`%C`) are nowhere else.
  const env = [...settings].filter(([, value]) => !value.includes('%'));
  return { nodeArgs: options.split(' '), env: Object.fromEntries(env) };
}
