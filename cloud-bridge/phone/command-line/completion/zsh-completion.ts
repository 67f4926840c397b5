/** What zsh loads to complete `tonearm`. Pure. */
import { type CompletionPlace, namesSpeaker } from './completion-words.ts';

export function zshCompletion(places: readonly CompletionPlace[]): string {
  const below = places.filter(({ words }) => words.includes(' '));
  const values = places.flatMap(({ words, options }) =>
    options.flatMap((option) =>
      option.value === null
        ? []
        : option.names.map((name) => ({
            place: `${words} ${name}`,
            act: namesSpeaker(option) ? '_tonearm_speakers; return' : offer(option.value?.choices ?? []),
          })),
    ),
  );
  return `#compdef tonearm
# zsh completion for tonearm, made by \`tonearm completion zsh\`
_tonearm_speakers() {
  local -a names
  names=("\${(@f)$(tonearm complete-speakers 2>/dev/null)}")
  compadd -M 'm:{a-z}={A-Z}' -- "\${(@)names:#}"
}

_tonearm() {
  local place=tonearm before=\${words[CURRENT-1]} i
  for ((i = 2; i < CURRENT; i++)); do
    case "$place \${words[i]}" in
      ${below.map(({ words }) => quoted(words)).join('|')}) place="$place \${words[i]}" ;;
    esac
  done
  case "$place $before" in
${values.map(({ place, act }) => `    ${quoted(place)}) ${act} ;;`).join('\n')}
  esac
  local -a described
  case "$place" in
${places.map((place) => `    ${quoted(place.words)}) ${actsOf(place)} ;;`).join('\n')}
  esac
}

if [[ $funcstack[1] == _tonearm ]]; then _tonearm "$@"; else compdef _tonearm tonearm; fi
`;
}

function actsOf(place: CompletionPlace): string {
  const entry = (name: string, text: string) =>
    quoted(`${name.replaceAll(':', '\\:')}${text === '' ? '' : `:${text}`}`);
  const commands = place.commands.map(({ name, text }) => entry(name, text));
  const options = place.options.flatMap(({ names, text }) => names.map((name) => entry(name, text)));
  const words = [...commands, ...place.choices.map(quoted)];
  return [
    place.takesSpeaker ? '_tonearm_speakers' : '',
    place.takesFolder ? '_files -/' : '',
    words.length === 0 ? '' : `described=(${words.join(' ')}); _describe command described`,
    options.length === 0 ? '' : `described=(${options.join(' ')}); _describe option described`,
  ]
    .filter((act) => act !== '')
    .join('; ');
}

function offer(choices: readonly string[]): string {
  return choices.length === 0 ? 'return' : `compadd -- ${choices.map(quoted).join(' ')}; return`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
