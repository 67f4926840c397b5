/**
 * The home of whom a program runs as, asked for before anybody knows whether it matters. A user that is there only while a service
 * runs (systemd's DynamicUser) has none where its name is not resolved: `HOME` is unset, and to ask for it throws.
 */
import { homedir } from 'node:os';

/** Where such a user may write nothing, so that a folder that nobody has named is refused by its path. */
const NO_HOME = '/';

/** @param ask throws where there is none */
export function homeFolder(ask: () => string = homedir): string {
  try {
    return ask();
  } catch {
    return NO_HOME;
  }
}
