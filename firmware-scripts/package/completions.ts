/** What shells complete after `tonearm` where the speaker's program is all there is: made of what its `--help` says. */

/** One text a shell. */
export interface Completions {
  readonly bash: string;
  readonly zsh: string;
  readonly fish: string;
}

/** What may follow `tonearm`, and then `speaker`. */
const FIRST_WORDS = ['speaker', '--self-test', '--help', '--version'];
const COMMANDS = ['pair', 'reset'];
/** A flag stands two characters in. */
const FLAG = /^ {2}(--[a-z][a-z-]*)/gm;

/** @param help what `tonearm speaker --help` prints */
export function completionsOf(help: string): Completions {
  const flags = [...new Set([...help.matchAll(FLAG)].map(([, flag]) => flag ?? '')), '--version'];
  const first = FIRST_WORDS.join(' ');
  const others = [...COMMANDS, ...flags].join(' ');
  return {
    bash: `# Completes tonearm's words and flags; after --data, folders.
_tonearm() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    --data) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
    *)
      if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W '${first}' -- "$word")
      else
        mapfile -t COMPREPLY < <(compgen -W '${others}' -- "$word")
      fi
      ;;
  esac
}
complete -F _tonearm tonearm
`,
    zsh: `#compdef tonearm
if (( CURRENT == 2 )); then
  compadd -- ${first}
elif [[ \${words[CURRENT - 1]} == --data ]]; then
  _files -/
else
  compadd -- ${others}
fi
`,
    fish: [
      ...FIRST_WORDS.map((word) => `complete -c tonearm -f -n __fish_is_first_arg -a '${word}'`),
      ...[...COMMANDS, ...flags].map(
        (word) => `complete -c tonearm -f -n '__fish_seen_subcommand_from speaker' -a '${word}'`,
      ),
      '',
    ].join('\n'),
  };
}
