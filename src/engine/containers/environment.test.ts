import { describe, expect, it } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { blankConfig } from '../../model/blank.ts';
import { openSandbox } from '../../model/sandboxes.ts';
import { environmentOf } from './environment.ts';

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const here = world();
const made = (Env: readonly string[], Tty = false) => {
  const container = here.container(`c${here.model.count('containers')}`);
  return { ...container, config: { ...blankConfig, Hostname: 'web', Env, Tty } };
};

describe('the environment of a container', () => {
  it('has PATH and HOSTNAME, and TERM on a terminal', () => {
    expect(environmentOf(here.model, made([]))).toEqual([path, 'HOSTNAME=web']);
    expect(environmentOf(here.model, made([], true))).toEqual([path, 'HOSTNAME=web', 'TERM=xterm']);
  });

  it('has what was asked in the place of what stands there by that name', () => {
    const env = environmentOf(here.model, made(['A=1', 'PATH=/bin', 'TERM=vt100', 'B=x=y'], true));
    expect(env).toEqual(['PATH=/bin', 'HOSTNAME=web', 'TERM=vt100', 'A=1', 'B=x=y']);
  });

  it('loses what is asked for without a value, and only that', () => {
    expect(environmentOf(here.model, made(['HOSTNAME', 'PAT=1', 'NONE']))).toEqual([path, 'PAT=1']);
    expect(environmentOf(here.model, made(['EMPTY=']))).toContain('EMPTY=');
  });

  it('has what its links bring, which gives way to what was asked', () => {
    const source = here.container('db');
    here.model.apply(openSandbox(here.model, source, here.sandboxContext).changes);
    const linked = here.container('web', { hostConfig: { Links: ['db'] } });
    expect(environmentOf(here.model, linked)).toContain('DB_NAME=/web/db');
    const config = { ...linked.config, Env: ['DB_NAME=mine'] };
    const env = environmentOf(here.model, { ...linked, config });
    expect(env.filter((entry) => entry.startsWith('DB_NAME'))).toEqual(['DB_NAME=mine']);
  });
});

describe('the environment of a further process', () => {
  it('is the container’s, with its own variables before those', () => {
    const env = environmentOf(here.model, made(['A=1', 'B=2']), { env: ['A=3', 'B'], tty: false });
    expect(env).toEqual([path, 'HOSTNAME=web', 'A=3']);
  });

  it('has TERM by its own terminal, not by the container’s', () => {
    expect(environmentOf(here.model, made([], true), { env: [], tty: false })).not.toContain('TERM=xterm');
    expect(environmentOf(here.model, made([]), { env: [], tty: true })).toContain('TERM=xterm');
  });
});
