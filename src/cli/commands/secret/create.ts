import { secretCreate } from '../../swarm/file-commands.ts';

export const command = secretCreate;
