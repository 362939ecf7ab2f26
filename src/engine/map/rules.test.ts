import { expect, test } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import { firewallInput } from '../../firewall/from-model.ts';
import { defaultSettings } from '../../firewall/input.ts';
import { openSandbox } from '../../model/sandboxes.ts';
import { changesOf } from '../../model/transition.ts';
import { namesOfContainer, namesOfNetwork, naming, rulesNaming } from './rules.ts';

function published() {
  const made = world();
  const network = made.network('app');
  const web = made.container('web', {
    networks: [made.spec('app')],
    hostConfig: { NetworkMode: 'app', PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
  });
  made.model.apply(changesOf(openSandbox(made.model, web, made.sandboxContext)));
  return { ...made, network, web, input: firewallInput(made.model, defaultSettings) };
}

test.each(['iptables', 'nftables'] as const)(
  '%s: rules of a container and of its network, with reasons',
  (backend) => {
    const { model, network, web, input } = published();
    const ofWeb = rulesNaming(namesOfContainer(model, web.id), input, backend);
    const ofNetwork = rulesNaming(namesOfNetwork(model, network.id), input, backend);
    expect(ofWeb.some(({ text }) => /8080/.test(text))).toBe(true);
    expect(ofNetwork.length).toBeGreaterThan(2);
    for (const { why, table } of [...ofWeb, ...ofNetwork])
      expect([why.endsWith('.'), /^ip6? /.test(table)]).toEqual([true, true]);
    const ofNobody = rulesNaming(namesOfContainer(model, 'x'), input, backend);
    expect(ofNobody).toEqual([]);
  },
);

test.each([
  ['172.18.0.2', '-d 172.18.0.2/32 -j ACCEPT', true],
  ['172.18.0.2', '--to-destination 172.18.0.2:80', true],
  ['172.18.0.2', '-d 172.18.0.20/32', false],
  ['172.18.0.2', '-d 10.172.18.0.2', false],
  ['br-1', '-i br-1 -j DROP', true],
  ['br-1', '! -o "br-1"', true],
  ['br-1', '-i br-12', false],
  ['br-1', '-i my-br-1', false],
  ['fd00::2', '--to-destination [fd00::2]:80', true],
  ['fd00::2', '-d fd00::2/128', true],
  ['fd00::2', '-d fd00::2:1/128', false],
])('%s is named in "%s": %s', (name, text, isNamed) => {
  expect(naming([name])(text)).toBe(isNamed);
});
