/** Kinds of objects that operands and flags name, and how the program lists them. */

const shells = ['bash', 'zsh', 'fish'];
const roles = ['worker', 'manager'];

/** Commands that list names. */
const listings = {
  config: "config ls --format '{{.Name}}'",
  container: "ps --all --format '{{.Names}}'",
  image: "images --format '{{.Repository}}:{{.Tag}}'",
  network: "network ls --format '{{.Name}}'",
  node: "node ls --format '{{.Hostname}}'",
  plugin: "plugin ls --format '{{.Name}}'",
  policy: 'policy ls --quiet',
  secret: "secret ls --format '{{.Name}}'",
  service: "service ls --format '{{.Name}}'",
  stack: "stack ls --format '{{.Name}}'",
  volume: 'volume ls --quiet',
} as const;

/** Words that are always the same. */
const words = { role: roles, shell: shells } as const;

export type Kind = keyof typeof listings | keyof typeof words;

/** By the operands of a command. The name of something new is no kind. */
const operandKinds: readonly (readonly [RegExp, Kind])[] = [
  [/^\[?(CONTAINER|CONTAINER:SRC_PATH)/, 'container'],
  [/^\[?(IMAGE|SOURCE_IMAGE|REPOSITORY)/, 'image'],
  [/^\[?NETWORK/, 'network'],
  [/^\[?VOLUME/, 'volume'],
  [/^\[?PLUGIN/, 'plugin'],
  [/^\[?POLICY/, 'policy'],
  [/^NAME\|ID/, 'container'],
  [/^(self\|)?\[?NODE/, 'node'],
  [/^SERVICE/, 'service'],
  [/^STACK/, 'stack'],
  [/^SECRET \[SECRET/, 'secret'],
  [/^CONFIG \[CONFIG/, 'config'],
  [/^\(worker\|manager\)/, 'role'],
  [/^bash\|/, 'shell'],
  [/^FROM TO/, 'container'],
];

const flagKinds: Readonly<Record<string, Kind>> = {
  '--config': 'config',
  '--config-add': 'config',
  '--config-rm': 'config',
  '--image': 'image',
  '--link': 'container',
  '--network': 'network',
  '--network-add': 'network',
  '--network-rm': 'network',
  '--secret': 'secret',
  '--secret-add': 'secret',
  '--secret-rm': 'secret',
  '--volumes-from': 'container',
};

/** Undefined where operands name no objects. */
export const operandKind = (takes: string): Kind | undefined =>
  operandKinds.find(([pattern]) => pattern.test(takes))?.[1];

/** The same of a flag's value; the program's own `--config` is a folder. */
export const flagKind = (path: string, long: string | undefined): Kind | undefined =>
  path === '' || long === undefined || !Object.hasOwn(flagKinds, long) ? undefined : flagKinds[long];

const isListed = (kind: Kind): kind is keyof typeof listings => Object.hasOwn(listings, kind);

/** A shell command that prints the names of a kind, one a line. */
export function lister(program: string, kind: Kind): string {
  return isListed(kind)
    ? `${program} ${listings[kind]} 2>/dev/null`
    : `echo '${words[kind].join("'; echo '")}'`;
}
