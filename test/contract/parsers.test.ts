/** Whatever is written, parsers give a value or an error in the user's words, and none that is the engine's own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portBindings } from '../../src/api/create/host-config.ts';
import { withLabelled } from '../../src/api/create/port-labels.ts';
import { parseFilters } from '../../src/api/filters.ts';
import { parseNetwork } from '../../src/cli/spec/networks.ts';
import { parseExpose, parsePublish } from '../../src/cli/spec/ports.ts';
import { readQuestion } from '../../src/explain/question.ts';
import { parsePort, parseRange, parseUnwanted } from '../../src/model/port-ranges.ts';
import { readPolicy } from '../../src/model/publish-policy.ts';
import { formatAddress, formatCidr, readAddress, readCidr } from '../../src/net/address.ts';
import { isMatchableLinkName } from '../../src/net/link-name.ts';
import { readRate } from '../../src/net/rate.ts';
import { policyOfLabels } from '../../src/policy/labels.ts';
import { readDocument } from '../../src/policy/read-document.ts';
import { policyLabels, words } from '../system/fuzz/words.ts';

/** Milliseconds of processor time that a parser may take for one text. */
const most = 500;

function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return !['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'InternalError'].includes(thrown.name);
}

function tryOne(parse: (text: string) => unknown, text: string): void {
  const start = process.cpuUsage();
  try {
    parse(text);
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
  }
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(most);
}

const parsers: Readonly<Record<string, readonly [fc.Arbitrary<string>, (text: string) => unknown]>> = {
  '--publish': [words.publish, parsePublish],
  '--expose': [words.port, parseExpose],
  '--network': [fc.oneof(words.name, words.end), parseNetwork],
  'a container port': [words.port, parsePort],
  'a range': [words.port, parseRange],
  'a port that is taken back': [words.publish, parseUnwanted],
  'a port binding': [
    fc.oneof(words.address, words.link),
    (HostIp) => portBindings({ '80/tcp': [{ HostIp, HostPort: '80' }] }),
  ],
  'a label of ports': [words.publish, (text) => withLabelled({}, { 'com.seaway.publish': text })],
  'a policy of ports': [words.policy, readPolicy],
  'FROM of explain': [words.end, (text) => readQuestion(text, 'web:80')],
  'TO of explain': [words.end, (text) => readQuestion('web', text)],
  'a document of policies': [words.document, readDocument],
  'a rate': [words.rate, readRate],
  filters: [words.document, parseFilters],
};

describe('a parser of what users write gives a value or refuses it:', () => {
  it.each(Object.entries(parsers))('%s', (_name, [texts, parse]) => {
    fc.assert(
      fc.property(texts, (text) => tryOne(parse, text)),
      { numRuns: 400 },
    );
  });

  it.each(policyLabels)('%s', (label) => {
    fc.assert(
      fc.property(words.end, (text) =>
        tryOne(() => policyOfLabels({ name: 'web', config: { Labels: { [label]: text } } }), text),
      ),
      { numRuns: 300 },
    );
  });

  it('addresses and blocks that are read are written in digits, points and colons alone', () => {
    fc.assert(
      fc.property(fc.oneof(words.address, words.subnet), (text) => {
        const address = readAddress(text);
        if (address) expect(formatAddress(address)).toMatch(/^[0-9a-f.:]+$/);
        const cidr = readCidr(text);
        if (cidr) expect(formatCidr(cidr)).toMatch(/^[0-9a-f.:]+\/\d+$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('names of links that rules may have need no quotes in any of them', () => {
    fc.assert(
      fc.property(words.link, (text) => {
        if (isMatchableLinkName(text)) expect(text).toMatch(/^[\w.@=][\w.@=-]{0,14}$/);
      }),
      { numRuns: 2000 },
    );
  });
});
