/** Causes in what the kernel lacks of the records. */
import type { Cause, CauseCode } from './causes.ts';
import type { Evidence } from './evidence.ts';
import type { PendingChange } from './pending.ts';

/** The most telling first: a link that is gone takes its addresses and routes along. */
const order: readonly CauseCode[] = [
  'link-missing',
  'link-down',
  'address-missing',
  'mtu',
  'route-missing',
  'entry-missing',
  'forwarding-off',
  'setting-changed',
  'rules-missing',
];

const missing: Readonly<Record<string, CauseCode>> = {
  namespace: 'link-missing',
  link: 'link-missing',
  address: 'address-missing',
  route: 'route-missing',
  policy: 'route-missing',
  fdb: 'entry-missing',
  neighbour: 'entry-missing',
  virtual: 'rules-missing',
  ruleset: 'rules-missing',
  rules: 'rules-missing',
  sysctl: 'setting-changed',
};

export function codeOf({ action, kind, object, differences }: PendingChange): CauseCode | undefined {
  if (action === 'remove') return undefined;
  if (kind === 'sysctl') return /forward/.test(object) ? 'forwarding-off' : 'setting-changed';
  if (action === 'make' || kind !== 'link') return missing[kind];
  if (differences.some(({ field }) => /^(peer\.)?(up|master)$/.test(field))) return 'link-down';
  return differences.some(({ field }) => /mtu/.test(field)) ? 'mtu' : 'setting-changed';
}

/** Differences on the way, the most telling one as a cause. */
export function differenceCause(evidence: Evidence): Cause | undefined {
  const coded = evidence.differences.flatMap((change) => {
    const code = codeOf(change);
    return code ? [{ code, change }] : [];
  });
  // a link without IPv6 has no address of it either
  const isSwitchedOff = coded.some(({ change: { object } }) => /disable_ipv6/.test(object));
  const telling = coded.filter(
    ({ code, change }) =>
      !(isSwitchedOff && evidence.family === 6 && code !== 'setting-changed' && isAboutSix(change)),
  );
  const [first] = telling.toSorted((a, b) => order.indexOf(a.code) - order.indexOf(b.code));
  return first && causeOf(first.code, first.change, evidence);
}

const isAboutSix = ({ kind, object }: PendingChange): boolean =>
  (kind === 'address' || kind === 'route') && object.includes(':');

function causeOf(code: CauseCode, change: PendingChange, { from, to }: Evidence): Cause {
  const isOfPeer = change.differences.some(({ field }) => field.startsWith('peer.'));
  const inside = [from, to].find(
    (end) =>
      end.kind === 'container' &&
      (end.sandbox?.id === change.namespace ||
        (isOfPeer && end.endpoints.some(({ hostLink }) => hostLink === change.object))),
  );
  const at = inside
    ? `container ${inside.name}`
    : change.namespace.startsWith('network:')
      ? 'its network'
      : 'this host';
  // the host's side is healed at once, what a container does to itself is not
  const cure = inside ? `seaway restart ${inside.name} makes it again` : 'seaway doctor --fix puts it back';
  return { code, at, sentence: sentenceOf(code, change, at), cure };
}

function sentenceOf(code: CauseCode, { kind, object, differences }: PendingChange, at: string): string {
  const changes = differences.map(
    ({ field, desired, observed }) => `${field} is ${observed || 'none'} in place of ${desired || 'none'}`,
  );
  const where = at === 'this host' ? 'of this host' : `in ${at}`;
  switch (code) {
    case 'link-missing':
      return `${kind} ${object} ${where} has been removed`;
    case 'address-missing': {
      const now = differences.find(({ field }) => field === 'addresses')?.observed ?? '';
      const [link = '', ...address] = object.split('/');
      return `address ${address.join('/')} is no longer on ${link} ${where}${now === '' ? '' : `, which has ${now}`}`;
    }
    case 'route-missing':
      return `route ${object} ${where} has been removed`;
    case 'link-down':
      return differences.some(({ field }) => field.endsWith('master'))
        ? `link ${object} ${where} is not in its bridge (${changes.join(', ')})`
        : `link ${object} ${where} is down`;
    case 'mtu':
      return `link ${object} ${where} has another MTU (${changes.join(', ')})`;
    case 'entry-missing':
      return changes.length > 0
        ? `${kind} entry ${object} ${where} leads elsewhere (${changes.join(', ')})`
        : `${kind} entry ${object} ${where} is missing, without which frames do not find their host`;
    case 'rules-missing':
      return `rules of the engine ${where} are missing (${object})`;
    default:
      return `setting ${object} ${where} was changed${changes.length > 0 ? ` (${changes.join(', ')})` : ''}`;
  }
}
