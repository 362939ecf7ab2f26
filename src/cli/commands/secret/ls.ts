import { listCommand } from '../../swarm/file-commands.ts';

export const command = listCommand('secret');
