import { configCreate } from '../../swarm/file-commands.ts';

export const command = configCreate;
