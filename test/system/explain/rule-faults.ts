/** Rules of others that drop packets. */
import type { Fault } from './bench.ts';

/** Steps of the host's firewall that `undo` takes back in reverse. */
const rule = (spec: string): Pick<Fault, 'set' | 'undo'> => ({
  set: ({ host }) => host(`iptables -I ${spec}`),
  undo: ({ host }) => host(`iptables -D ${spec.replace(/^(\S+(?: -t \S+)?) 1 /, '$1 ')}`),
});

export const ruleFaults: readonly Fault[] = [
  {
    name: "a rule of the host's firewall against a published port",
    ...rule('FORWARD 1 -p tcp --dport 80 -j DROP'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /rule \d of chain FORWARD/ },
  },
  {
    name: "a chain of ufw's",
    set: ({ host }) =>
      host(
        'iptables -N ufw-user-input; iptables -A ufw-user-input -p tcp --dport 7777 -j DROP; iptables -I INPUT -j ufw-user-input',
      ),
    undo: ({ host }) =>
      host('iptables -D INPUT -j ufw-user-input; iptables -F ufw-user-input; iptables -X ufw-user-input'),
    ...{ ask: ['outside', 'host:7777'], code: 'host-firewall', says: /of ufw/ },
  },
  {
    name: 'a table of nftables',
    set: ({ host }) =>
      host(
        'nft "table inet mine { chain guard { type filter hook forward priority -10; tcp dport 80 drop; }; }"',
      ),
    undo: ({ host }) => host('nft delete table inet mine'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /chain guard \(inet mine\)/ },
  },
  {
    name: "a rule of iptables' legacy variant",
    set: ({ host }) => host('iptables-legacy -I FORWARD -p tcp --dport 80 -j DROP'),
    undo: ({ host }) => host('iptables-legacy -D FORWARD -p tcp --dport 80 -j DROP'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /rule 1 of chain FORWARD/ },
  },
  {
    name: 'DOCKER-USER',
    ...rule('DOCKER-USER 1 -p tcp --dport 80 -j DROP'),
    ...{ ask: ['outside', 'web:80'], code: 'docker-user', says: /rule 1 of chain DOCKER-USER/ },
  },
  {
    name: 'DOCKER-USER that rejects what goes out',
    ...rule('DOCKER-USER 1 -d 198.51.100.1 -j REJECT'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'docker-user' },
  },
  {
    name: 'a table of bridges',
    set: ({ host }) =>
      host(
        'nft "table bridge mine { chain guard { type filter hook forward priority 0; tcp dport 80 drop; }; }"',
      ),
    undo: ({ host }) => host('nft delete table bridge mine'),
    ...{ ask: ['db', 'web:80'], code: 'host-firewall', says: /bridge mine/ },
  },
  {
    name: 'a rule of raw before everything',
    set: ({ host }) =>
      host(
        'nft "table ip early { chain first { type filter hook prerouting priority -500; tcp dport 8080 drop; }; }"',
      ),
    undo: ({ host }) => host('nft delete table ip early'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /chain first \(ip early\)/ },
  },
  {
    name: 'a rule of mangle',
    ...rule('PREROUTING -t mangle -p tcp --dport 8080 -j DROP'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /\(ip mangle\)/ },
  },
  {
    name: 'a rule against answers',
    // a rule of FORWARD would soon stand behind those of the engine
    set: ({ host }) =>
      host('nft "table ip back { chain f { type filter hook forward priority -5; tcp sport 80 drop; }; }"'),
    undo: ({ host }) => host('nft delete table ip back'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /drops the answer/ },
  },
  {
    name: "firewalld's way of rejecting",
    set: ({ host }) =>
      host(
        'nft "table inet firewalld { chain filter_FORWARD { type filter hook forward priority 10; iifname up0 reject with icmpx type admin-prohibited; }; }"',
      ),
    undo: ({ host }) => host('nft delete table inet firewalld'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /of firewalld/ },
  },
  {
    name: 'a policy of INPUT',
    set: ({ host }) => host('iptables -P INPUT DROP'),
    undo: ({ host }) => host('iptables -P INPUT ACCEPT'),
    ...{ ask: ['db', 'host:7777'], code: 'host-firewall', says: /policy of chain INPUT/ },
  },
  {
    name: 'a rule that leaves packets to a program which does not run',
    ...rule('FORWARD -p tcp --dport 80 -j NFQUEUE --queue-num 5'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /leaves to a program/ },
  },
  {
    name: "another program's translation of a published port",
    ...rule('PREROUTING -t nat -p tcp --dport 8080 -j DNAT --to-destination 198.51.100.1:9'),
    ...{ ask: ['outside', 'web:80'], code: 'redirected', says: /198\.51\.100\.1:9/ },
  },
  {
    name: "ebtables' rule against ARP",
    set: async ({ host, inside }) => {
      await host('ebtables -A FORWARD -p ARP -j DROP');
      await inside('db', 'ip neighbour flush all');
    },
    undo: ({ host }) => host('ebtables -F FORWARD'),
    ...{ ask: ['db', 'web:80'], code: 'host-firewall', says: /bridge filter/ },
  },
  {
    name: 'a rule of the legacy variant in raw',
    set: ({ host }) => host('iptables-legacy -t raw -I PREROUTING -p tcp --dport 8080 -j DROP'),
    undo: ({ host }) => host('iptables-legacy -t raw -D PREROUTING -p tcp --dport 8080 -j DROP'),
    ...{ ask: ['outside', 'web:80'], code: 'host-firewall', says: /chain PREROUTING \(ip raw\)/ },
  },
];
