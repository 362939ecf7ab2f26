/** Where Seaway's verbs differ from those of the Docker 20.10 that they are compared with, and why. */
import type { Reason, Wording } from '../run-flags/judge.ts';

/** Sentences that Docker 28 words otherwise. */
export const newerWords: readonly Wording[] = [
  [
    /(?<=^|: )failed to create shim task: OCI/,
    'failed to create task for container: failed to create shim task: OCI',
  ],
  [/Container (\S+) is (not running|paused, unpause)/, 'container $1 is $2'],
  [/Cannot kill container: /, 'cannot kill container: '],
  [/Invalid signal: /, 'invalid signal: '],
  [/Invalid filter '/, "invalid filter '"],
  [
    /You cannot remove a (\w+) container <id>\..*$/,
    'cannot remove container "/life-4": container is $1: stop the container before removing or force remove',
  ],
  [/no such image: \S+: No such image/, 'No such image'],
  [/(?<=No such image: im-nothing)$/, ':latest'],
  [
    /invalid restart policy '(\w+)'/,
    "invalid restart policy: unknown policy '$1'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ],
];

export const reasons: readonly Reason[] = [
  {
    why: 'Since Docker 25 an exec whose program (or folder) is not there ends with 127; 126 is left for what cannot be run.',
    place: /^status$/,
    rows: /exec -w \/missing|nonexistent/,
    docker: /^126$/,
    seaway: /^127$/,
  },
  {
    why: 'It says what is wrong with the archive, not which program found it out.',
    place: /^stderr$/,
    rows: /nonsense \| docker load/,
  },
];
