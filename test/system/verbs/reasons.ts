/** Where Seaway's verbs differ from those of the Docker that they are compared with, and why. */
import { newer, type Reason, type Wording } from '../run-flags/judge.ts';

/** Sentences that Dockers word otherwise. */
export const words: readonly Wording[] = [
  {
    from: /(OCI runtime (create|exec) failed: .*)(?<!: unknown)$/m,
    to: '$1: unknown',
    beside: 'followed',
  },
  newer(
    /(invalid filter 'status=nonsense')$/,
    '$1: invalid value for state (nonsense): must be one of created, running, paused, restarting, removing, exited, dead',
  ),
  newer(/cannot remove container "\//, 'cannot remove container "'),
];

export const reasons: readonly Reason[] = [
  {
    why: 'Since Docker 28 an exec of a user that is not there is refused.',
    place: /^(status|stdout|stderr)$/,
    rows: /exec -u (nobody-there|root:nothing)/,
    beside: 'older',
  },
  {
    why: 'Since Docker 25 an exec whose program (or folder) is not there ends with 127; 126 is left for what cannot be run.',
    place: /^status$/,
    rows: /exec -w \/missing|nonexistent/,
    docker: /^126$/,
    seaway: /^127$/,
    beside: 'older',
  },
  {
    why: 'In Docker 28 an exec that cannot be started for another reason ends with 128.',
    place: /^status$/,
    rows: /exec -w relative/,
    docker: /^126$/,
    seaway: /^128$/,
    beside: 'older',
  },
  {
    why: 'Since Docker 28 a container is connected once it has a process.',
    place: /^events of networks$/,
    rows: /^events$/,
    docker: /^network connect .* name=ev-failed /,
    seaway: /^$/,
    beside: 'older',
  },
];
