/** The flags that a crowd of speakers and a crowd of phones share. */
import type { Command } from 'commander';

export function addCrowdFlags(command: Command, count: string): Command {
  const [value = '', about = ''] = count.split('  ');
  return command
    .option(`--count ${value}`, `how many, ${about}`)
    .option('--bridge <url>', 'the bridge, e.g. http://127.0.0.1:4747')
    .option('--seed <n>', 'the same seed, the same behaviour (default: 1)')
    .option('--minutes <m>', 'how long (default: 10)')
    .option('--pace <pace>', 'real, or fast:K to live K times as fast (default: real)')
    .option('--from <hh:mm>', 'the time of day at which it begins (default: 18:00)')
    .option('--tokens <file>', 'access tokens of the people who ask, one a line; else what `tonearm login` keeps');
}
