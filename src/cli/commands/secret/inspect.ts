import { inspectCommand } from '../../swarm/file-commands.ts';

export const command = inspectCommand('secret');
