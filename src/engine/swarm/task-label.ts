/** Labels by which a task's container is found again. */
export const labelPrefix = 'com.docker.swarm';
export const taskLabel = `${labelPrefix}.task.id`;
export const nodeLabel = `${labelPrefix}.node.id`;
