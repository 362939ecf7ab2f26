/** A row: what is asked of `docker run`, and what is run. */
import { probe } from './probe.ts';

export interface Row {
  readonly name: string;
  /** `FOLDER` stands for a folder of the engine's own, with the files that `world.ts` made, `BLOCK` for a device. */
  readonly flags: readonly string[];
  /** Default: the probe, which prints all that a container sees. */
  readonly command?: readonly string[];
  readonly image?: string;
  /** Text for standard input. */
  readonly input?: string;
  /** It needs every capability that the kernel has; the machine may withhold some of even root. */
  readonly allCapabilities?: true;
}

/** Flags in one string, separated by blanks. */
export const row = (flags: string, ...command: readonly string[]): Row => ({
  name: [flags, ...command].join(' ').trim().slice(0, 90) || 'no flags',
  flags: flags.split(' ').filter(Boolean),
  ...(command.length > 0 && { command }),
});

export const rows = (...all: readonly string[]): readonly Row[] => all.map((flags) => row(flags));

/** A row whose flags have blanks in them. */
export const words = (flags: readonly string[], ...command: readonly string[]): Row => ({
  ...row(flags.join(' '), ...command),
  flags,
});

export const sh = (script: string): readonly string[] => ['sh', '-c', script];

export const commandOf = ({ command }: Row): readonly string[] => command ?? ['sh', '-c', probe];
