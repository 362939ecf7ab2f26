import { expect, test } from 'vitest';
import { sysctlPath } from '../objects/sysctl.ts';
import { type HostState, hostFindings } from './host.ts';

const roomy = { path: '/var/lib/seaway', free: 50e9, size: 100e9, freeFiles: 9e6, files: 10e6 };

const healthy: HostState = {
  closedFamilies: [],
  unfiltered: [],
  strictLinks: [],
  tracked: { used: 10, most: 1000 },
  neighbours: { 4: { used: 5, most: 1024 } },
  uplinkMtu: 1500,
  networks: [
    { name: 'app', mtu: 1500, overhead: 0 },
    { name: 'wide', mtu: 1450, overhead: 50 },
  ],
  dataMtu: 1500,
  hidden: [],
  engines: [],
  nameServers: [{ address: '192.0.2.53', from: '/etc/resolv.conf', answers: true }],
  clockBehind: 0,
  disks: [roomy],
  lacking: [],
  closedChains: [],
  legacyRules: [],
  stub: { servers: [], containers: [] },
  missingModules: [],
  lagging: [],
};

test('a healthy host has no findings', () => {
  expect(hostFindings(healthy)).toEqual([]);
});

test.each<[string, Partial<HostState>, RegExp]>([
  ['forwarding-off', { closedFamilies: [4] }, /IPv4/],
  ['bridge-filter-off', { unfiltered: ['apart'] }, /apart/],
  ['rp-filter', { strictLinks: ['eth1'] }, /eth1/],
  ['conntrack-near-full', { tracked: { used: 900, most: 1000 } }, /900 of 1000/],
  ['neighbours-near-full', { neighbours: { 6: { used: 1000, most: 1024 } } }, /IPv6/],
  ['mtu-above-uplink', { uplinkMtu: 1400 }, /app has an MTU of 1500/],
  ['mtu-above-tunnel', { dataMtu: 1480 }, /wide has an MTU of 1450.* takes 1430/],
  [
    'mtu-above-tunnel',
    { networks: [{ name: 'safe', mtu: 1450, overhead: 130 }] },
    /safe has an MTU of 1450.* takes 1370/,
  ],
  [
    'subnet-hidden',
    { hidden: [{ network: 'app', subnet: '172.18.0.0/16', link: 'tun0', destination: '172.16.0.0/12' }] },
    /172\.16\.0\.0\/12 to tun0/,
  ],
  ['other-engine', { engines: [{ name: 'dockerd', pid: 7 }] }, /dockerd \(process 7\)/],
  [
    'name-server-silent',
    { nameServers: [{ address: '192.0.2.53', from: '--dns', answers: false }] },
    /53 of --dns/,
  ],
  ['no-name-server', { nameServers: [] }, /names no server/],
  ['clock-behind', { clockBehind: 3600 }, /3600 s/],
  ['disk-near-full', { disks: [{ ...roomy, free: 1e6 }] }, /0 MB/],
  ['disk-near-full', { disks: [{ ...roomy, freeFiles: 7 }] }, /7 more files/],
  [
    'firewall-in-the-way',
    { closedChains: [{ table: 'inet filter', chain: 'forward', owner: 'firewalld' }] },
    /chain forward \(inet filter\) of firewalld/,
  ],
  [
    'firewall-in-the-way',
    { legacyRules: ['-P FORWARD DROP', '-A FORWARD -j DROP'] },
    /-P FORWARD DROP, and 1 more/,
  ],
  ['stub-resolver', { stub: { servers: ['127.0.0.53'], containers: ['web'] } }, /web cannot reach/],
  [
    'kernel-lacks',
    { missingModules: [{ module: 'vxlan', needs: 'network wide', package: 'extra' }] },
    /no module vxlan, which network wide needs/,
  ],
  ['node-behind', { lagging: [{ node: 'host2', seconds: 40 }] }, /node host2 .* 40 s ago/],
  ['kernel-lacks', { lacking: [{ what: 'vxlan', module: 'vxlan', why: 'no' }] }, /lacks vxlan/],
])('%s is found, with its cure', (code, state, sentence) => {
  const findings = hostFindings({ ...healthy, ...state });
  expect(findings.map((each) => each.code)).toEqual([code]);
  expect(findings[0]?.sentence).toMatch(sentence);
  expect(findings[0]?.cure).not.toBe('');
});

test('a setting of a link whose name has a dot is that of the link', () => {
  const [finding] = hostFindings({ ...healthy, strictLinks: ['eth0.100'] });
  expect(finding?.cure).toMatch(/^sysctl -w net\/ipv4\/conf\/eth0\.100\/rp_filter=2,/);
  const key = finding?.fix.kind === 'sysctl' ? finding.fix.key : '';
  expect(sysctlPath(key)).toBe('net/ipv4/conf/eth0.100/rp_filter');
});
