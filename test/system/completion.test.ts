/** The completion scripts in their shells: what is offered when tab is pressed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makePluginFolder } from '../plugins/managed/folder.ts';
import { isInstalled, run } from './commands.ts';
import { openTestEngine, projectFolder } from './engine.ts';

const engine = openTestEngine();

beforeAll(async () => {
  await engine.seaway('network', 'create', 'backbone');
  await engine.seaway('create', '--name', 'worker-1', 'busybox');
  await engine.seaway('plugin', 'create', 'me/vol', makePluginFolder(join(engine.folder, 'plugin')));
  for (const shell of ['bash', 'zsh', 'fish'])
    writeFileSync(join(engine.folder, 'tmp', shell), await engine.seaway('completion', shell));
});

/** Where set-up has unpacked shells that the machine lacks; their own folders are not where they look. */
const unpacked = join(projectFolder, '.cache/test-tools');

type Complete = (line: string) => Promise<readonly string[]>;

const inShell = async (command: readonly string[]): Promise<readonly string[]> => {
  const path = `${join(projectFolder, 'bin')}:${process.env.PATH}`;
  const { stdout } = await run(command, { env: { ...engine.env, PATH: path, TERM: 'dumb' } });
  return stdout.split(/\s+/).filter((word) => word !== '');
};

const bash: Complete = (line) => {
  const script = `source "$TMPDIR/bash"
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _seaway; printf '%s\n' "\${COMPREPLY[@]}"`;
  return inShell(['bash', '--norc', '-c', script, 'bash', ...line.split(' ')]);
};

const fish: Complete = (line) => {
  const script = `source $TMPDIR/fish; complete -C $argv[1] | string replace -r '\\t.*' ''`;
  return inShell(['fish', '--no-config', '-c', script, line]);
};

/** zsh completes only at a terminal: one of its own. What it has made of the last word, as far as that is clear. */
const zsh: Complete = async (line) => {
  const own = `
    module_path+=(${unpacked}/usr/lib/*-linux-gnu(N) ${unpacked}/usr/lib/*-linux-gnu/zsh/*(N/))
    fpath+=(${unpacked}/usr/share/zsh/functions/**/*(N/))`;
  const inside = `${own}
    autoload -Uz compinit; compinit -u -D
    source $TMPDIR/zsh
    show() { zle -I; print -r -- "line=[$BUFFER]"; BUFFER= }
    zle -N show; bindkey '^X' show`;
  const script = `${own}
    zmodload zsh/zpty; zpty z zsh -f -i
    print -r -- $1 >$TMPDIR/inside; zpty -w z "source $TMPDIR/inside; print -r rea''dy"; zpty -r -m z text '*ready*'
    zpty -n -w z "$2"$'\\t\\C-x'; zpty -r -m z text '*line=*]*'
    print -r -- \${\${text#*line=\\[}%%\\]*}; zpty -d z`;
  return (await inShell(['zsh', '-f', '-c', script, 'zsh', inside, line])).slice(-1);
};

const shells: readonly (readonly [string, Complete])[] = [
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
];

for (const [shell, complete] of shells) {
  const missing = !isInstalled(shell);
  describe.skipIf(missing)(`${shell}${missing ? ` (skipped: ${shell} is not installed)` : ''}`, () => {
    test.each([
      ['commands', 'seaway netw', ['network']],
      ['commands of a group', 'seaway volume c', ['create']],
      ['flags', 'seaway network ls --fi', ['--filter']],
      ['flags of a short name', 'seaway run --pub', ['--publish', '--publish-all']],
      ['containers', 'seaway rm work', ['worker-1']],
      ['images', 'seaway rmi busy', ['busybox:latest']],
      ['networks', 'seaway network inspect back', ['backbone']],
      ['networks as the value of a flag', 'seaway run --network back', ['backbone']],
      ['after flags with values', 'seaway run -e A=b busy', ['busybox:latest']],
      ['plugins', 'seaway plugin rm me', ['me/vol:latest']],
      ['shells', 'seaway completion ba', ['bash']],
    ] as const)('offers %s', async (_, line, offered) => {
      const found = [...(await complete(line))].toSorted();
      expect(found).toEqual(offered.slice(0, found.length));
      expect(found).toHaveLength(shell === 'zsh' ? 1 : offered.length);
    });
  });
}
