/** `docker plugin`: what is made of a folder, shown, set, refused. Docker makes no second plugin of the same files. */
import { join } from 'node:path';
import { projectFolder } from '../engine-host.ts';
import { section } from './steps.ts';

const folder = join(projectFolder, 'test/plugins/managed/folder.ts');
const make = (name: string): string =>
  `${process.execPath} -e "import('${folder}').then((made) => made.makePluginFolder('${name}'))"`;

const nowhere = ['inspect', 'enable', 'disable', 'rm', 'push', 'upgrade', 'set']
  .map((verb) => `docker plugin ${verb} verbs/nosuch${verb === 'set' ? ' a=b' : ''}`)
  .join('\n');

const settings =
  'GREETING=x GREETING GREETING.value=y GREETING.foo=z FIXED=2 =x nosuch=1 node.source=/tmp programs=/x args=c args.value= full=/dev/zero full.path=/dev/null';

export const plugins = section(
  'plugins',
  `
  ${make('p')}
  docker plugin create verbs/one p
  docker plugin create verbs/one p
  ${make('q')} && touch q/rootfs/two
  docker plugin create verbs/two:3 q
  docker plugin create UPPER p
  docker plugin create verbs/three nosuch
  mkdir empty; docker plugin create verbs/three empty
  docker plugin inspect -f '{{.Name}} {{.PluginReference}} {{.Enabled}} {{json .Config.Args}} {{json .Config.Env}}' verbs/one verbs/two:3
  docker plugin inspect -f '{{json .Config.Linux}} {{json .Config.Mounts}} {{json .Config.Network}} {{json .Config.User}}' verbs/one
  docker plugin inspect -f '{{json .Config.Interface}} {{.Config.PropagatedMount}} {{.Config.IpcHost}} {{.Config.PidHost}}' verbs/one
  docker plugin inspect -f '{{json .Settings}}' verbs/one
  docker plugin ls --format '{{.Name}}|{{.Description}}|{{.Enabled}}|{{.PluginReference}}'
  docker plugin ls --filter enabled=maybe
  docker plugin ls --filter nonsense=1
  docker plugin ls --filter capability=volumedriver --format '{{.Name}}'
  docker plugin ls --filter capability=networkdriver --format '{{.Name}}'
  docker plugin enable verbs/one
  docker plugin enable verbs/one
  docker plugin ls --filter enabled=true --format '{{.Name}}'
  docker plugin ls --filter enabled=false --format '{{.Name}}'
  docker plugin set verbs/one GREETING=x
  docker plugin rm verbs/one
  docker plugin upgrade verbs/one
  docker plugin disable verbs/one
  docker plugin disable verbs/one
  for each in ${settings}; do docker plugin set verbs/one $each && echo set $each; done
  docker plugin inspect -f '{{json .Settings}}' verbs/one
  docker plugin set verbs/one MODE=ends 'args=c d' && docker plugin inspect -f '{{json .Settings.Args}}' verbs/one
  ${nowhere}
  docker plugin install 127.0.0.1:9/nosuch
  docker plugin rm verbs/one verbs/two:3
  docker plugin ls
`,
);
