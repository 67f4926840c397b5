/** What bash sources to complete `tonearm`: a table of places, and names of speakers asked for when they are wanted. Pure. */
import { type CompletionPlace, namesSpeaker } from './completion-words.ts';

export function bashCompletion(places: readonly CompletionPlace[]): string {
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
  return `# bash completion for tonearm, made by \`tonearm completion bash\`
_tonearm_speakers() {
  local name
  while IFS= read -r name; do
    if [[ "\${name,,}" == "\${word,,}"* ]]; then COMPREPLY+=("$(printf '%q' "$name")"); fi
  done < <(tonearm complete-speakers 2>/dev/null)
}

_tonearm() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} place=tonearm i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
      ${below.map(({ words }) => `'${words}'`).join(' | ')}) place="$place \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place $before" in
${values.map(({ place, act }) => `    '${place}') ${act} ;;`).join('\n')}
  esac
  case "$place" in
${places.map((place) => `    '${place.words}') ${actsOf(place)} ;;`).join('\n')}
  esac
}

complete -F _tonearm tonearm
`;
}

function actsOf(place: CompletionPlace): string {
  const words = [
    ...place.commands.map(({ name }) => name),
    ...place.choices,
    ...place.options.flatMap(({ names }) => names),
  ];
  return [
    place.takesSpeaker ? '_tonearm_speakers' : '',
    place.takesFolder ? 'compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -d -- "$word"))' : '',
    `COMPREPLY+=($(compgen -W '${words.join(' ')}' -- "$word"))`,
  ]
    .filter((act) => act !== '')
    .join('; ');
}

/** Without choices there is nothing to offer: a value is free. */
function offer(choices: readonly string[]): string {
  return choices.length === 0 ? 'return' : `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return`;
}
