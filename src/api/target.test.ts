import { expect, test } from 'vitest';
import { cleanerUrl, parseTarget } from './target.ts';

const path = (method: string, url: string): string => parseTarget(method, url).path;

test('the version is taken off the path', () => {
  expect(parseTarget('GET', '/v1.41/containers/json?all=1')).toEqual({
    version: '1.41',
    path: '/containers/json',
    search: '?all=1',
  });
});

test('a path without a version is left alone', () => {
  expect(parseTarget('GET', '/volumes')).toEqual({ version: undefined, path: '/volumes', search: '' });
});

test('an absolute URL is accepted', () => {
  expect(parseTarget('GET', 'http://docker/v1.41/info')).toEqual({
    version: '1.41',
    path: '/info',
    search: '',
  });
});

test('slashes of an image name become part of one segment', () => {
  expect(path('GET', '/images/registry.example:5000/team/app:1/json')).toBe(
    '/images/registry.example:5000%2Fteam%2Fapp:1/json',
  );
  expect(path('DELETE', '/images/team/app')).toBe('/images/team%2Fapp');
});

test('names without slashes and the routes beside them are left alone', () => {
  for (const plain of ['/images/json', '/images/busybox/json', '/containers/c1/attach', '/images/get']) {
    expect(path('GET', plain)).toBe(plain);
  }
});

test('a link is named by its owner and its alias', () => {
  expect(path('DELETE', '/containers/web/db')).toBe('/containers/web%2Fdb');
});

test('the WebSocket route has two segments of its own', () => {
  expect(path('GET', '/containers/c1/attach/ws')).toBe('/containers/c1/attach/ws');
});

test.each([
  ['//containers/json', '/containers/json'],
  ['/v1.41//info?a=//b', '/v1.41/info?a=//b'],
  ['/containers/../info', '/info'],
  ['/../../etc/', '/etc/'],
  ['/containers/./json', '/containers/json'],
  ['/a/..', '/'],
])('%s leads to %s', (url, clean) => {
  expect(cleanerUrl(url)).toBe(clean);
});

test.each(['/containers/json', '/', '/images/a.b/..c/json', '/info?x=/../', '/containers/json/'])(
  '%s is clean',
  (url) => {
    expect(cleanerUrl(url)).toBeUndefined();
  },
);
