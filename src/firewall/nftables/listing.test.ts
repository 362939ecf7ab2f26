import { expect, test } from 'vitest';
import { optionScenarios } from '../../../test/golden/firewall/options.ts';
import { scenarios } from '../../../test/golden/firewall/scenarios.ts';
import { describeBlocks, parseListing, repairScript, setsThere } from './listing.ts';
import { skeletonText } from './text.ts';

const listing = `table ip seaway {
	map published {
		type inet_proto . inet_service : ipv4_addr . inet_service
	}

	set masqueraded {
		type ipv4_addr
		flags interval
	}

	set guarded {
		type ipv4_addr
		flags interval
	}

	counter mine {
		packets 0 bytes 0
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		oifname @internal drop
	}
}
`;

test('reasons of rules that drop fit into comments of nft', () => {
  for (const family of [4, 6] as const)
    for (const { input } of [...scenarios, ...optionScenarios])
      for (const [, comment = ''] of skeletonText(input, family).matchAll(/ comment "(.*)"$/gm)) {
        expect(comment.length).toBeLessThan(128);
        expect(comment).not.toContain('"');
      }
});

test('sets that are as declared keep their elements, and all else is made again', () => {
  const blocks = parseListing(listing);
  expect(setsThere(blocks, 4)).toEqual(['published', 'masqueraded']);
  expect(repairScript(blocks, 'NEW', 4)).toBe(
    [
      'flush table ip seaway',
      'delete set ip seaway guarded',
      'delete counter ip seaway mine',
      'delete chain ip seaway forward',
      'NEW',
    ].join('\n'),
  );
});

test('what others have changed is named', () => {
  const before = parseListing(listing);
  const now = (from: string, to: string) =>
    describeBlocks(before, parseListing(listing.replace(from, to)), 4);
  expect(now('oifname @internal drop', 'accept')).toEqual([
    'ip seaway chain forward: "accept" was added',
    'ip seaway chain forward: "oifname @internal drop" was removed',
  ]);
  expect(now('chain forward', 'chain theirs')).toEqual([
    'ip seaway: chain forward was removed',
    'ip seaway: chain theirs was added',
  ]);
  expect(describeBlocks(before, before, 4)).toEqual([]);
});
