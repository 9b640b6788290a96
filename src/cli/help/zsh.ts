/** Completion for zsh, by its own `_arguments`. */
import type { Named, Place, PlacedOption, Value } from './places.ts';

export function zshScript(places: readonly Place[]): string {
  return `#compdef isal
# Completion of isal for zsh, made by: isal completion zsh

${places.map((place) => (place.commands.length === 0 ? commandFunction(place) : familyFunction(place, places))).join('\n\n')}

# Kept as _isal in a directory of fpath, this file is the function itself; sourced, it registers one.
if [[ $funcstack[1] == _isal ]]; then
  _isal "$@"
else
  compdef _isal isal
fi
`;
}

const nameOf = ({ words }: Pick<Place, 'words'>): string => ['_isal', ...words].join('_');

function commandFunction(place: Place): string {
  const specs = [
    ...place.options.flatMap(optionSpecs),
    ...place.positionals.map((value, at) => quoted(`${at + 1}::${argument(value)}`)),
  ];
  return `${nameOf(place)}() {
  _arguments -s -S : \\
${specs.map((spec) => `    ${spec}`).join(' \\\n')}
}`;
}

function familyFunction(place: Place, places: readonly Place[]): string {
  const { words, commands, options } = place;
  const below = places.filter(
    (one) => one.words.length === words.length + 1 && words.every((word, i) => one.words[i] === word),
  );
  const specs = [...options.flatMap(optionSpecs), `'1: :->command'`, `'*:: :->rest'`];
  return `${nameOf(place)}() {
  local curcontext=$curcontext state line
  local -a commands=(
${commands.map((one) => `    ${quoted(described(one))}`).join('\n')}
  )
  _arguments -C : \\
${specs.map((spec) => `    ${spec}`).join(' \\\n')} && return
  case $state in
    command) _describe -t commands ${quoted(`${['isal', ...words].join(' ')} command`)} commands ;;
    rest)
      case $line[1] in
${below.map((one) => `        ${one.words.at(-1) ?? ''}) ${nameOf(one)} ;;`).join('\n')}
      esac ;;
  esac
}`;
}

/** `verify:is this file recorded?`, as `_describe` takes it. */
function described({ name, text }: Named): string {
  return `${name}:${text.replaceAll('\\', '\\\\').replaceAll(':', '\\:')}`;
}

function optionSpecs({ name, text, value, list }: PlacedOption): string[] {
  const about = `[${text.replace(/[\\[\]:]/g, '\\$&')}]`;
  if (name === 'help') return [`'(-h --help)'{-h,--help}${quoted(about)}`];
  if (value === undefined) return [quoted(`--${name}${about}`)];
  const many = list === undefined ? '' : '*';
  return [quoted(`${many}--${name}=${about}:${argument(value, list === 'commas')}`)];
}

/** The message and the action of one argument. */
function argument({ placeholder, words, files }: Value, commas = false): string {
  const message = placeholder.replace(/[\\:]/g, '\\$&');
  const found = { file: '_files', directory: '_path_files -/', none: '' }[files];
  if (words.length === 0) return `${message}:${found}`;
  if (commas) return `${message}:_sequence compadd -S '' - ${words.join(' ')}`;
  if (found === '') return `${message}:(${words.join(' ')})`;
  return `${message}:{ compadd - ${words.join(' ')}; ${found} }`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
