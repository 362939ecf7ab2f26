/** Evidence of attempts between containers of a world of their own, for tests of causes. */
import { endOfContainer, type LocalEnd } from '../../src/explain/ends.ts';
import type { Drop, Evidence, HostFacts, Listener, Passage } from '../../src/explain/evidence.ts';
import type { PendingChange } from '../../src/explain/pending.ts';
import { withState } from '../../src/model/containers.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { bare } from '../../src/net/address.ts';
import { world } from './fixture.ts';

export const here = world();
here.network('app', {});
here.network('back', {});
here.network('inner', { internal: true });
here.network('apart', { options: { 'com.docker.network.bridge.enable_icc': 'false' } });

export function running(name: string, network: string): LocalEnd {
  const container = here.container(name, { hostConfig: { NetworkMode: network } });
  here.model.apply(openSandbox(here.model, container, here.sandboxContext).changes);
  const now = here.model.get('containers', container.id) ?? container;
  const put = withState(
    { ...now, sandboxId: here.model.sandboxOfContainer(now.id)?.id ?? '' },
    { status: 'running' },
  );
  here.model.apply([{ table: 'containers', put }]);
  return endOfContainer(here.model, put) as LocalEnd;
}

export const web = running('web', 'app');
export const db = running('db', 'app');
export const far = running('far', 'back');
export const one = running('one', 'apart');
export const two = running('two', 'apart');
export const inner = running('inside', 'inner');
export const address = bare(web.endpoints[0]?.addresses[0] ?? '');

export const host: HostFacts = {
  ...{ closed: '', tracked: 1, mostTracked: 100, reversePathFilter: 0 },
  ...{ linkToReceiver: '', receiverRefused: '', linkToSender: '' },
};
export const http: Listener = { protocol: 'tcp', address: '0.0.0.0', port: 80, waiting: 0 };

/** Silence between db and web, of which nothing else is known. */
export const silence: Evidence = {
  ...{ view: here.model, from: db, to: web, target: { name: 'web', port: 80, protocol: 'tcp' } },
  ...{ family: 4, address, result: 'silent', reason: '', drops: [], passages: [], listeners: [http] },
  ...{ differences: [], claimants: [], rightfulAnswered: true, echoed: false, host, noRoute: '' },
};

export const at = (place: Passage['place'], hook: Passage['hook'], more: Partial<Passage> = {}): Passage => ({
  ...{ place, hook, from: 'up0', to: '', source: '192.0.2.9', destination: address, isAnswer: false },
  ...more,
});
export const drop = (table: string, chain: string, more: Partial<Drop['rule']> = {}): Drop => ({
  ...{ place: 'host', isAnswer: false, isBridge: false },
  rule: {
    table,
    chain,
    number: 1,
    text: 'drop',
    reason: '',
    owner: 'the administrator of this host',
    ...more,
  },
});
export const change = (kind: string, object: string, more: Partial<PendingChange> = {}): PendingChange => ({
  ...{ kind, object, action: 'make', namespace: web.sandbox?.id ?? '', differences: [], ...more },
});
