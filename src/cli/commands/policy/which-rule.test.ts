import { describe, expect, it } from 'vitest';
import { type FlowStep, readTarget, stepLine } from './test.ts';

describe('seaway policy test', () => {
  it.each([
    ['db:5432', { To: 'db', Port: 5432, Protocol: 'tcp' }],
    ['db:53/udp', { To: 'db', Port: 53, Protocol: 'udp' }],
    ['[fd00::1]:80', { To: 'fd00::1', Port: 80, Protocol: 'tcp' }],
    ['deb.debian.org:443', { To: 'deb.debian.org', Port: 443, Protocol: 'tcp' }],
    ['db/icmp', { To: 'db', Port: 0, Protocol: 'icmp' }],
  ])('reads %s', (text, target) => {
    expect(readTarget(text)).toEqual(target);
  });

  it.each(['db', 'db:', 'db:0', 'db:65536', ':80', 'db:80/icmp', 'db:http'])('refuses %s', (text) => {
    expect(() => readTarget(text)).toThrow(`invalid destination ${JSON.stringify(text)}`);
  });

  const step: FlowStep = {
    ...{ Direction: 'ingress', Container: 'db', Verdict: 'allow', Policy: 'a', Rule: 2, Line: 7 },
    ...{ Remote: 'web', Ports: ['80/tcp'] },
  };
  it.each<readonly [FlowStep, string]>([
    [step, 'ingress of db: allow by policy a, ingress rule 2 (line 7): allow web ports 80/tcp'],
    [{ ...step, Line: 0, Ports: [] }, 'ingress of db: allow by policy a, ingress rule 2: allow web'],
    [
      { ...step, Verdict: 'deny', Rule: 0, Remote: '' },
      'ingress of db: deny by policy a, which allows nothing that matches',
    ],
    [{ ...step, Policy: '', Rule: 0, Remote: '' }, 'ingress of db: allow, no rule matches'],
  ])('says which rule decides', (one, line) => {
    expect(stepLine(one)).toBe(line);
  });
});
