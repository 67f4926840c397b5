/** What fish sources to complete `tonearm`. Pure. */
import { type CompletionPlace, namesSpeaker } from './completion-words.ts';

export function fishCompletion(places: readonly CompletionPlace[]): string {
  const below = places.filter(({ words }) => words.includes(' ')).map(({ words }) => words);
  return `# fish completion for tonearm, made by \`tonearm completion fish\`
function __tonearm_at
    set -l place tonearm
    for word in (commandline -opc)[2..-1]
        contains -- "$place $word" ${below.map(quoted).join(' ')}
        and set place "$place $word"
    end
    test "$place" = "$argv"
end

complete -c tonearm -f
${places.flatMap(linesOf).join('\n')}
`;
}

const SPEAKERS = `-a '(tonearm complete-speakers 2>/dev/null)'`;

function linesOf(place: CompletionPlace): string[] {
  const at = `complete -c tonearm -n ${quoted(`__tonearm_at ${place.words}`)}`;
  return [
    ...place.commands.map(({ name, text }) => `${at} -a ${quoted(name)} -d ${quoted(text)}`),
    ...place.choices.map((choice) => `${at} -a ${quoted(choice)}`),
    ...(place.takesSpeaker ? [`${at} ${SPEAKERS}`] : []),
    ...(place.takesFolder ? [`${at} -a '(__fish_complete_directories)'`] : []),
    ...place.options.map((option) => {
      const names = option.names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
      const choices = option.value === null ? [] : option.value.choices;
      const value = namesSpeaker(option)
        ? ` -x ${SPEAKERS}`
        : choices.length > 0
          ? ` -x -a ${quoted(choices.join(' '))}`
          : '';
      const free = value === '' && option.value !== null ? ' -r' : '';
      return `${at} ${names.join(' ')}${value}${free} -d ${quoted(option.text)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
