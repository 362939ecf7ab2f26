import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAgain, writeAnew } from './written-files.ts';

let folder: string;
const files = () => ({
  hosts: join(folder, 'hosts'),
  hostname: join(folder, 'hostname'),
  resolvConf: join(folder, 'resolv.conf'),
});
const first = { hosts: 'base\n1 box\n', hostname: 'box\n', resolvConf: 'nameserver 1\n' };
const second = { hosts: 'base\n1 box\n2 box\n', hostname: 'box\n', resolvConf: 'nameserver 127.0.0.11\n' };
const read = () => {
  const { hosts, hostname, resolvConf } = files();
  return {
    hosts: readFileSync(hosts, 'utf8'),
    hostname: readFileSync(hostname, 'utf8'),
    resolvConf: readFileSync(resolvConf, 'utf8'),
  };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seaway-files-'));
  writeAnew(folder, files(), first);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the files of a running container', () => {
  it('follow its networks, in place', () => {
    const inode = statSync(files().hosts).ino;
    writeAgain(folder, files(), second);
    expect(read()).toEqual(second);
    writeAgain(folder, files(), first);
    expect(read()).toEqual(first);
    expect(statSync(files().hosts).ino).toBe(inode);
  });

  it('keep what the container has written, until it starts again', () => {
    appendFileSync(files().hosts, '192.0.2.9 mine\n');
    writeFileSync(files().hostname, 'edited\n');
    writeFileSync(files().resolvConf, 'nameserver 192.0.2.1\n');
    const edited = { hostname: 'edited\n', resolvConf: 'nameserver 192.0.2.1\n' };
    writeAgain(folder, files(), second);
    expect(read()).toEqual({ ...edited, hosts: 'base\n1 box\n192.0.2.9 mine\n2 box\n' });
    for (const texts of [first, first, second, first]) writeAgain(folder, files(), texts);
    expect(read()).toEqual({ ...edited, hosts: 'base\n1 box\n192.0.2.9 mine\n' });
    writeAnew(folder, files(), second);
    expect(read()).toEqual(second);
  });

  it('are left alone where nothing is known of them, or the record is damaged', () => {
    for (const damaged of ['', '{', '{"hosts":[1]}']) {
      writeFileSync(join(folder, 'network-files.json'), damaged);
      writeFileSync(files().resolvConf, 'nameserver 192.0.2.1\n');
      writeAgain(folder, files(), second);
      expect(read().resolvConf).toBe('nameserver 192.0.2.1\n');
    }
  });

  it('are not read where the container has made them very large', () => {
    truncateSync(files().hosts, 2 ** 40);
    writeAgain(folder, files(), second);
    expect(statSync(files().hosts).size).toBe(2 ** 40);
    expect(readFileSync(files().resolvConf, 'utf8')).toBe(second.resolvConf);
  });
});
