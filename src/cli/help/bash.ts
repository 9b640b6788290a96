/** Completion for bash 4 and later. */
import type { Place, Value } from './places.ts';

/** A case of the script: the patterns that choose it, and what it does. */
type Cases = ReadonlyMap<string, readonly string[]>;

export function bashScript(places: readonly Place[]): string {
  const commands = places.flatMap((place) => place.commands.map(({ name }) => pattern(place, name)));
  const valued = places.flatMap((place) =>
    place.options.flatMap(({ name, value }) => (value === undefined ? [] : [pattern(place, `--${name}`)])),
  );
  const values = casesOf(
    places.flatMap((place) =>
      place.options.flatMap(({ name, value, list }) =>
        value === undefined ? [] : [[pattern(place, `--${name}`), offer(value, list === 'commas')] as const],
      ),
    ),
  );
  const options = casesOf(
    places.map((place) => [
      pattern(place, '-'),
      `_isal_words '${place.options.map(({ name }) => `--${name}`).join(' ')}'`,
    ]),
  );
  const words = casesOf(
    places.flatMap((place) => [
      ...(place.commands.length === 0
        ? []
        : [
            [
              pattern(place, '0'),
              `_isal_words '${place.commands.map(({ name }) => name).join(' ')}'`,
            ] as const,
          ]),
      ...place.positionals.map((value, at) => [pattern(place, String(at)), offer(value, false)] as const),
    ]),
  );
  return script({ commands, valued, values, options, words });
}

/** `'bundle get:--out'`: the place, and the word that stands there. */
function pattern({ words }: Place, word: string): string {
  return `'${words.join(' ')}:${word}'`;
}

function offer({ words, files }: Value, commas: boolean): string {
  const doing = {
    file: '_isal_files',
    directory: '_isal_directories',
    none: '',
  }[files];
  const offered = words.length === 0 ? '' : `${commas ? '_isal_list' : '_isal_words'} '${words.join(' ')}'`;
  return [offered, doing].filter((part) => part !== '').join('; ') || ':';
}

/** Patterns by what is done for them, so that it stands in the script once. */
function casesOf(pairs: readonly (readonly [pattern: string, action: string])[]): Cases {
  const cases = new Map<string, string[]>();
  for (const [one, action] of pairs) {
    if (action === ':') continue;
    cases.set(action, [...(cases.get(action) ?? []), one]);
  }
  return cases;
}

const caseLines = (cases: Cases, indent: string): string =>
  [...cases].map(([action, patterns]) => `${indent}${patterns.join('|')}) ${action} ;;`).join('\n');

// oxlint-disable-next-line max-lines-per-function -- it is one program in another language, read in one piece
function script({
  commands,
  valued,
  values,
  options,
  words,
}: {
  readonly commands: readonly string[];
  readonly valued: readonly string[];
  readonly values: Cases;
  readonly options: Cases;
  readonly words: Cases;
}): string {
  return `# Completion of isal for bash, made by: isal completion bash

# The words that go on from what is typed; readline keeps what stands before "=" or ":".
_isal_words() {
  local i
  COMPREPLY=($(compgen -P "$lead" -W "$1" -- "$typed"))
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]=\${COMPREPLY[i]#"$kept"}; done
}

# The same behind the last comma of a list.
_isal_list() {
  [[ $typed == *,* ]] && lead+=\${typed%,*}, typed=\${typed##*,}
  _isal_words "$1"
}

# Where no word goes on, readline completes files by itself, and quotes what must be quoted.
_isal_files() { compopt -o default; }
_isal_directories() { compopt -o dirnames; }

_isal() {
  local IFS=$' \\t\\n' place='' option='' at=0 lead='' glued='' raw typed kept word i
  local -a line=()
  # bash has split the words at "=" and ":"; they are put together again.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ -n $glued || $word == [=:]* ]] && ((\${#line[@]} > 0)); then
      line[\${#line[@]} - 1]+=$word
    else
      line+=("$word")
    fi
    [[ $word == [=:]* ]] && glued=1 || glued=''
  done
  typed=\${line[\${#line[@]} - 1]}
  unset 'line[\${#line[@]} - 1]'
  raw=\${COMP_WORDS[COMP_CWORD]}
  [[ $raw == [=:]* ]] && raw=''
  kept=\${typed%"$raw"}
  COMPREPLY=()
  for word in "\${line[@]}"; do
    if [[ -n $option ]]; then
      option=''
      continue
    fi
    case "$place:$word" in
      ${commands.join('|')}) place="\${place:+$place }$word" ;;
      ${valued.join('|')}) option=$word ;;
      *:-*) ;;
      *) at=$((at + 1)) ;;
    esac
  done
  if [[ -z $option && $typed == --*=* ]]; then
    option=\${typed%%=*} lead=\${typed%%=*}= typed=\${typed#*=}
  fi
  if [[ -n $option ]]; then
    case "$place:$option" in
${caseLines(values, '      ')}
    esac
    return
  fi
  if [[ $typed == -* ]]; then
    case "$place:-" in
${caseLines(options, '      ')}
    esac
    return
  fi
  case "$place:$at" in
${caseLines(words, '    ')}
  esac
}

complete -F _isal isal
`;
}
