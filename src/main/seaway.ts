/** `seaway`: the command line. */
import { main } from '../cli/main.ts';

const { stdin, stdout, stderr, env, argv } = process;
// A reader that closes its end (`seaway logs | head`) ends the command without an error.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
// No await at the top level, so that the bundle can be CommonJS, which starts faster.
main(argv.slice(2), { stdin, stdout, stderr, env }).then((status) => process.exit(status));
