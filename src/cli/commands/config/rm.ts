import { removeCommand } from '../../swarm/file-commands.ts';

export const command = removeCommand('config');
