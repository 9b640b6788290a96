/** Completion for fish. */
import type { Place, PlacedOption, Value } from './places.ts';

export function fishScript(places: readonly Place[]): string {
  return `# Completion of isal for fish, made by: isal completion fish

# Whether the words before the cursor are those of a place: exactly, or with others behind them.
function __isal_at --argument-names how place
    set -l words (commandline -opc)
    set -e words[1]
    set -l wanted (string split --no-empty ' ' -- $place)
    test (count $words) -ge (count $wanted); or return 1
    test $how = below; or test (count $words) -eq (count $wanted); or return 1
    for i in (seq (count $wanted))
        test "$words[$i]" = "$wanted[$i]"; or return 1
    end
end

# The words of a list, behind the last comma that is typed.
function __isal_list
    set -l typed (commandline -ct)
    set -l value (string replace --regex -- '^--[a-z-]+=' '' "$typed")
    set -l before (string replace --regex -- '[^,]*$' '' "$value")
    for word in $argv
        echo $before$word
    end
end

complete -c isal -f
${places.flatMap(linesOf).join('\n')}
`;
}

function linesOf(place: Place): string[] {
  const { words, commands, options, positionals } = place;
  const exactly = `complete -c isal -n "__isal_at exactly '${words.join(' ')}'"`;
  const below = `complete -c isal -n "__isal_at below '${words.join(' ')}'"`;
  // A command takes options anywhere; where commands follow, theirs are meant.
  const here = commands.length === 0 ? below : exactly;
  const offered = positionals.map(offer).filter((one) => one !== '');
  return [
    ...commands.map(({ name, text }) => `${exactly} -a ${name} -d ${quoted(text)}`),
    ...options.map((option) => `${here} ${optionOf(option)} -d ${quoted(option.text)}`),
    ...[...new Set(offered)].map((one) => `${here} ${one}`),
  ];
}

function optionOf({ name, value, list }: PlacedOption): string {
  const long = name === 'help' ? '-s h -l help' : `-l ${name}`;
  if (value === undefined) return long;
  if (list === 'commas') return `${long} -x -a ${quoted(`(__isal_list ${value.words.join(' ')})`)}`;
  return `${long} -r ${offer(value) || '-f'}`;
}

function offer({ words, files }: Value): string {
  const listed = words.length === 0 ? '' : `-a ${quoted(words.join(' '))}`;
  const found = { file: '-F', directory: `-f -a '(__fish_complete_directories)'`, none: '' }[files];
  return [listed, found].filter((part) => part !== '').join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
