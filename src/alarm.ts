/** Timers of any length: `setTimeout` fires at once where it is asked for more than its longest wait. */

/** Milliseconds, 24.8 days. */
export const longestWait = 2 ** 31 - 1;

export interface Alarm {
  /** Does nothing once it has gone off. */
  cancel(): void;
}

/** Runs the task after that time. */
export function setAlarm(task: () => void, milliseconds: number): Alarm {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    timer =
      left > longestWait ? setTimeout(() => wait(left - longestWait), longestWait) : setTimeout(task, left);
  };
  wait(milliseconds);
  return { cancel: () => clearTimeout(timer) };
}
