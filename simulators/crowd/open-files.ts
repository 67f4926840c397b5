/** Whether a process may hold so many sockets, asked before they are opened: halfway is too late to learn it. */
import { readFileSync } from 'node:fs';
import { TonearmError } from '#protocol/vocabulary/errors';

/** Files that a process has open besides, with room. */
const FILES_BESIDES = 64;
const WHAT_TO_DO =
  'raise the limit first: `ulimit -Hn` shows the hard one, `ulimit -n 65536` in the same shell raises it (as root, or by `LimitNOFILE=` of a service, or nofile in /etc/security/limits.conf); the bridge needs as many';

/** @throws TonearmError `config.invalid` when fewer files may be open than sockets are wanted */
export function checkOpenFiles(sockets: number, mayOpen: number = openFilesMax()): void {
  const needed = sockets + FILES_BESIDES;
  if (mayOpen >= needed) return;
  const message = `--count: ${sockets} sockets need ${needed} open files, and this process may have ${mayOpen}; ${WHAT_TO_DO}`;
  throw new TonearmError('config.invalid', message, { field: '--count' });
}

/** For who was refused a socket all the same: the whole machine's limit, or one that nobody could ask. */
export function outOfFiles(): TonearmError {
  return new TonearmError('config.invalid', `no more files may be open (EMFILE or ENFILE); ${WHAT_TO_DO}`, {
    field: '--count',
  });
}

/** Node raises the soft limit to the hard one as it starts. Without /proc nobody is asked. */
function openFilesMax(): number {
  try {
    const found = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found?.[1] === undefined || found[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(found[1]);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
