import { describe, expect, it } from 'vitest';
import { container as sample } from '../../../test/kernel/container-sample.ts';
import { attributesMember, attributesOf, detailsOf } from './attributes.ts';

const of = (options: Readonly<Record<string, string>>) =>
  attributesOf({
    ...sample,
    name: 'lg',
    image: `sha256:${'a'.repeat(64)}`,
    config: {
      ...sample.config,
      Image: 'busybox',
      Labels: { a: '1', 'b.c': 'x y', z: '' },
      Env: ['c=2=3', 'FOO_X=1', 'PATH=/bin'],
    },
    hostConfig: { ...sample.hostConfig, LogConfig: { Type: 'json-file', Config: options } },
  });

describe('attributes of a log', () => {
  it.each([
    [{}, {}],
    [{ labels: 'a,nope' }, { a: '1' }],
    [{ 'labels-regex': '^b' }, { 'b.c': 'x y' }],
    [
      { labels: 'z', env: 'c' },
      { c: '2=3', z: '' },
    ],
    [{ 'env-regex': '^FOO' }, { FOO_X: '1' }],
    [{ tag: '{{.Name}}/{{.ID}}/{{ .ImageName }}' }, { tag: `lg/${'c'.repeat(12)}/busybox` }],
    [{ tag: 'plain' }, { tag: 'plain' }],
  ])('%j', (options, expected) => {
    expect(of(options)).toEqual(expected);
  });

  it('are refused where they cannot be had', () => {
    expect(() => of({ tag: '{{.Nope}}' })).toThrow("can't evaluate field Nope");
    expect(() => of({ tag: '{{.ID' })).toThrow('unclosed action');
    expect(() => of({ tag: '{{if .ID}}x{{end}}' })).toThrow('the log tag');
    expect(() => of({ 'env-regex': '[' })).toThrow('error parsing regexp');
  });

  it('are a member of a JSON line, and the details of a shown one', () => {
    const some = of({ labels: 'a', 'labels-regex': 'b', tag: 'x/y' });
    expect(attributesMember(some)).toBe('"attrs":{"a":"1","b.c":"x y","tag":"x/y"},');
    expect(attributesMember({})).toBe('');
    expect(detailsOf(some)).toBe('a=1,b.c=x+y,tag=x%2Fy');
  });
});
