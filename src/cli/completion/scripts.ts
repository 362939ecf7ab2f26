/**
 * Completion scripts for bash, zsh and fish. They ask the engine for names of objects when tab is pressed.
 */
import type { Command, Option } from 'commander';
import { flagKind, type Kind, lister, operandKind } from './kinds.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** A command as the scripts need it. */
interface CommandNode {
  /** `network ls`; '' for the program itself. */
  readonly path: string;
  readonly summary: string;
  readonly options: readonly Option[];
  readonly children: readonly Command[];
  /** Kind of objects that the operands name: `container`, `network`, ...; undefined for others. */
  readonly names: Kind | undefined;
}

function nodesOf(command: Command, path = ''): CommandNode[] {
  const takes = command.usage();
  const own: CommandNode = {
    path,
    summary: command.description(),
    options: command.options.filter(({ hidden }) => !hidden),
    children: command.commands,
    names: operandKind(takes),
  };
  return [own, ...command.commands.flatMap((child) => nodesOf(child, `${path} ${child.name()}`.trim()))];
}

export function completionScript(shell: Shell, root: Command): string {
  const nodes = nodesOf(root);
  const program = root.name();
  if (shell === 'fish') return fishScript(program, nodes);
  return shell === 'bash' ? bashScript(program, nodes) : zshScript(program, nodes);
}

const flagWords = ({ options }: CommandNode): string[] =>
  options.flatMap(({ short, long }) => [short, long].filter((word) => word !== undefined));
const valueFlags = ({ options }: CommandNode): string[] =>
  options
    .filter(({ required }) => required)
    .flatMap(({ short, long }) => [short, long].filter((word) => word !== undefined));
const choices = ({ path, options }: CommandNode, print: (flag: string, choice: Choice) => string): string =>
  options
    .flatMap((option) => {
      const { long = '', argChoices: words } = option;
      const kind = flagKind(path, long);
      if (words) return [print(long, { words })];
      return kind && option.required ? [print(long, { kind })] : [];
    })
    .join(' ');

/** Values of a flag: words, or names of objects. */
type Choice = { readonly words: readonly string[] } | { readonly kind: Kind };

function bashCase(program: string, node: CommandNode): string {
  const children = node.children.map((child) => child.name());
  const valued = choices(node, (flag, choice) =>
    'words' in choice
      ? `${flag}) values='${choice.words.join(' ')}' ;;`
      : `${flag}) values=$(${lister(program, choice.kind)}) ;;`,
  );
  return `    '${node.path}')
      commands='${children.join(' ')}'
      options='${flagWords(node).join(' ')}'
      takes_value=' ${valueFlags(node).join(' ')} '
      lister="${node.names === undefined ? '' : lister(program, node.names)}"
      case $prev in ${valued} esac
      ;;`;
}

function bashScript(program: string, nodes: readonly CommandNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# bash completion for ${program}; load it with: source <(${program} completion bash)
_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local path='' word commands='' options='' takes_value='' lister='' values='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "\${path:+$path }$word" in
      ${paths.join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $path in
${nodes.map((node) => bashCase(program, node)).join('\n')}
  esac
  if [[ -n $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$cur")); return; fi
  if [[ $prev == -* && $takes_value == *" $prev "* ]]; then COMPREPLY=($(compgen -f -- "$cur")); return; fi
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$options" -- "$cur")); return; fi
  if [[ -n $lister ]]; then
    COMPREPLY=($(compgen -W "$commands $(eval "$lister")" -- "$cur"))
    # A colon splits words for bash; what it has already is taken off again.
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
    return
  fi
  COMPREPLY=($(compgen -W "$commands" -- "$cur"))
}
complete -o default -F _${program} ${program}
`;
}

const zshQuote = (text: string): string => text.replaceAll("'", "'\\''").replaceAll(':', '\\:');

function zshCase(program: string, node: CommandNode): string {
  const children = node.children.map((child) => `'${child.name()}:${zshQuote(child.description())}'`);
  const options = node.options.flatMap(({ short, long, description }) =>
    [short, long].filter((word) => word !== undefined).map((word) => `'${word}:${zshQuote(description)}'`),
  );
  const valued = choices(node, (flag, choice) =>
    'words' in choice
      ? `${flag}) values=(${choice.words.join(' ')}) ;;`
      : `${flag}) values=(\${(f)"$(${lister(program, choice.kind)})"}) ;;`,
  );
  return `    '${node.path}')
      commands=(${children.join(' ')})
      options=(${options.join(' ')})
      takes_value=(${valueFlags(node).join(' ')})
      lister="${node.names === undefined ? '' : lister(program, node.names)}"
      case $prev in ${valued} esac
      ;;`;
}

function zshScript(program: string, nodes: readonly CommandNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `#compdef ${program}
# zsh completion for ${program}; put it into a folder of $fpath as _${program}
_${program}() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} place='' word lister=''
  local -a commands options takes_value values names
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
      ${paths.join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
  case $place in
${nodes.map((node) => zshCase(program, node)).join('\n')}
  esac
  if (( \${#values} )); then compadd -- $values; return; fi
  if [[ $prev == -* ]] && (( \${takes_value[(Ie)$prev]} )); then _files; return; fi
  if [[ $cur == -* ]]; then _describe -o option options; return; fi
  if (( \${#commands} )); then _describe command commands; return; fi
  if [[ -n $lister ]]; then
    names=(\${(f)"$(eval "$lister")"})
    compadd -- $names
    return
  fi
  _files
}
(( $+functions[compdef] )) && compdef _${program} ${program}
`;
}

const fishQuote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function fishLines(program: string, node: CommandNode): string[] {
  const when = `-n ${fishQuote(`test (__${program}_path) = "${node.path}"`)}`;
  const children = node.children.map(
    (child) =>
      `complete -c ${program} -f ${when} -a ${fishQuote(child.name())} -d ${fishQuote(child.description())}`,
  );
  const options = node.options.map(({ short, long, description, required, argChoices }) => {
    const names = `${short === undefined ? '' : ` -s ${short.slice(1)}`} -l ${long?.slice(2) ?? ''}`;
    const kind = flagKind(node.path, long);
    const asked = kind && required ? `(${lister(program, kind)})` : argChoices?.join(' ');
    const value = asked !== undefined ? ` -x -a ${fishQuote(asked)}` : required ? ' -r' : '';
    return `complete -c ${program} ${when}${names}${value} -d ${fishQuote(description)}`;
  });
  const names =
    node.names === undefined
      ? []
      : [`complete -c ${program} -f ${when} -a ${fishQuote(`(${lister(program, node.names)})`)}`];
  return [...children, ...options, ...names];
}

function fishScript(program: string, nodes: readonly CommandNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => fishQuote(path));
  return `# fish completion for ${program}; load it with: ${program} completion fish | source
function __${program}_path
    set -l path ''
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim "$path $word")
        contains -- $longer ${paths.join(' ')}; and set path $longer
    end
    echo $path
end
${nodes.flatMap((node) => fishLines(program, node)).join('\n')}
`;
}
