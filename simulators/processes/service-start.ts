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

/** @throws Error when the unit does not start Node */
export function readServiceStart(): ServiceStart {
  const unit = readFileSync(UNIT, 'utf8');
  const command = /^ExecStart=(\S+\/node) (.*)$/m.exec(unit)?.[2];
  if (command === undefined) throw new Error(`${UNIT} starts no Node`);
  const words = command.split(' ');
  const nodeArgs = words.slice(
    0,
    words.findIndex((word) => !word.startsWith('--')),
  );
  const settings = [...unit.matchAll(/^Environment=([A-Z_]+)=(\S+)$/gm)];
  return { nodeArgs, env: Object.fromEntries(settings.map(([, name, value]) => [name, value])) };
}
