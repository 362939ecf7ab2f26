/** The HEALTHCHECK instruction. https://docs.docker.com/reference/dockerfile/#healthcheck */
import { fail } from '../errors.ts';
import { readDuration } from '../go/duration.ts';
import type { ImageConfig } from '../model/image.ts';

type Healthcheck = NonNullable<ImageConfig['Healthcheck']>;

const flags: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval' | 'Retries'>> =
  {
    interval: 'Interval',
    timeout: 'Timeout',
    'start-period': 'StartPeriod',
    'start-interval': 'StartInterval',
    retries: 'Retries',
  };

/** Docker refuses intervals below a millisecond. */
function interval(text: string): number | undefined {
  const nanoseconds = readDuration(text);
  return nanoseconds === 0 || (nanoseconds ?? 0) >= 1e6 ? nanoseconds : undefined;
}

/** The arguments of HEALTHCHECK. Throws BAD_REQUEST. */
export function parseHealthcheck(rest: string): Healthcheck {
  const options: Record<string, number> = {};
  let text = rest;
  for (let flag = /^--([a-z-]+)=(\S+)\s*/.exec(text); flag; flag = /^--([a-z-]+)=(\S+)\s*/.exec(text)) {
    const name = flags[flag[1] ?? ''];
    const value = name === 'Retries' ? wholeNumber(flag[2] ?? '') : interval(flag[2] ?? '');
    if (!name) throw fail('BAD_REQUEST', `Unknown flag: ${flag[1]}`);
    if (value === undefined)
      throw fail('BAD_REQUEST', `invalid value for HEALTHCHECK --${flag[1]}: ${flag[2]}`);
    options[name] = value;
    text = text.slice(flag[0].length);
  }
  const [, type = '', command = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  if (type.toUpperCase() === 'NONE') {
    if (command || Object.keys(options).length > 0)
      throw fail('BAD_REQUEST', 'HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  if (type.toUpperCase() !== 'CMD')
    throw fail('BAD_REQUEST', `Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  if (!command) throw fail('BAD_REQUEST', 'Missing command after HEALTHCHECK CMD');
  return { Test: testOf(command), ...options };
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

function testOf(command: string): string[] {
  if (command.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(command);
      if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return ['CMD', ...list];
    } catch {
      // not the exec form
    }
  }
  return ['CMD-SHELL', command];
}
