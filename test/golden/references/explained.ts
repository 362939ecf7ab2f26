/** What `explain` and `doctor` answer, for docs/api.md. */
import type { Examination } from '../../../src/doctor/finding.ts';
import type { Explanation } from '../../../src/explain/explanation.ts';

export const explained: Explanation = {
  ...{ from: 'web', to: 'db:5432', reaches: false, address: '172.18.0.3' },
  name: "db is 172.18.0.3 by the engine's resolver (127.0.0.11)",
  probe: 'tcp to 172.18.0.3 port 5432: silent, 701 ms',
  cause: {
    ...{ code: 'docker-user', at: 'this host', cure: 'iptables -t filter -D DOCKER-USER 1' },
    sentence:
      'rule 1 of chain DOCKER-USER drops the packet: -A DOCKER-USER -p tcp -m tcp --dport 5432 -j DROP',
    rule: {
      ...{
        table: 'ip filter',
        chain: 'DOCKER-USER',
        number: 1,
        reason: '',
        owner: 'the administrator of this host',
      },
      text: '-A DOCKER-USER -p tcp -m tcp --dport 5432 -j DROP',
    },
  },
  path: [
    { at: 'container web', what: 'eth0 172.18.0.2', state: 'passed' },
    { at: 'network app', what: 'bridge br-41b241b241b2', state: 'stopped' },
    { at: 'container db', what: 'eth0 172.18.0.3', state: 'unseen' },
  ],
  rules: [],
};

export const examined: Examination = {
  compared: 12,
  findings: [
    {
      ...{ code: 'differs', at: 'container web', cure: 'seaway doctor --fix', outcome: 'open', error: '' },
      sentence: 'container web differs from the records: address eth0/172.18.0.2/16 is missing',
      would: ['make address eth0/172.18.0.2/16'],
      fix: { kind: 'scope', scope: `sandbox:${'5d0c'.repeat(16)}` },
    },
  ],
};
