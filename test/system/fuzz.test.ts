/**
 * Any words in requests: ports, addresses, names of links and networks, labels, policies, live ports, questions to explain,
 * filters of captures. Whatever comes of it is no error of the engine's own, takes no time to speak of, runs no
 * shell, and gets into no rule. CI tries a part; SEAWAY_FUZZ=SEED:COUNT others, and more.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestEngine } from './engine.ts';
import { calls, type FuzzedCall, there } from './fuzz/calls.ts';
import { traps } from './fuzz/words.ts';
import { type Given, give } from './give.ts';

const [seed = 1, count = 120] = (process.env.SEAWAY_FUZZ ?? '').split(':').filter(Boolean).map(Number);

/** What Docker answers so, too, and what is not supported. */
const answered =
  /port is already allocated|cannot assign requested address|address already in use|is not supported|the kernel lacks|set sysctl .* EINVAL/;

describe.each(['iptables', 'nftables'].slice(0, process.env.SEAWAY_FUZZ ? 2 : 1))(
  'any words, %s',
  { timeout: 240_000 },
  (backend) => {
    const engine = openTestEngine({ flags: [`--firewall-backend=${backend}`, '--log-level=error'] });
    const { rig } = engine;
    const foreign = (): string => rig.run('host', 'nft', 'list', 'table', 'inet', 'strangers');
    const api = (method: string, path: string, json?: unknown) =>
      engine.api(method, path, json === undefined ? {} : { json });

    beforeAll(async () => {
      rig.run(
        'host',
        'nft',
        'add table inet strangers { chain input { type filter hook input priority 0; policy accept; ip saddr 192.0.2.77 drop; }; }',
      );
      await api('POST', '/networks/create', {
        Name: there.network,
        EnableIPv6: true,
        IPAM: { Config: [{ Subnet: '10.99.0.0/24' }, { Subnet: 'fd99::/64' }] },
      });
      for (const name of [there.container, 'fuzz-idle']) {
        const json = {
          Image: 'busybox',
          Cmd: ['sleep', '1000'],
          HostConfig: { NetworkMode: name === there.container ? there.network : 'bridge' },
        };
        await api('POST', `/containers/create?name=${name}`, json);
        await api('POST', `/containers/${name}/start`);
      }
    });
    afterAll(() => rmSync(traps.file, { force: true }));

    /** Processor time of the engine in seconds. */
    const used = (): number => {
      const fields = readFileSync(`/proc/${engine.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };

    /** What is made is started, and goes again. */
    async function follow({ path }: FuzzedCall, { status, text }: Given): Promise<Given[]> {
      if (status !== 201) return [];
      const { Id } = JSON.parse(text) as { readonly Id?: string };
      if (path.startsWith('/containers/create'))
        return [
          await give(engine.socket, { method: 'POST', path: `/containers/${Id}/start` }),
          await give(engine.socket, { method: 'DELETE', path: `/containers/${Id}?force=1&v=1` }),
        ];
      if (path === '/networks/create')
        return [await give(engine.socket, { method: 'DELETE', path: `/networks/${Id}` })];
      return [];
    }

    test('give no error of the engine, take no time, and get into no shell and no rule', async () => {
      const before = foreign();
      const complaints: string[] = [];
      for (const call of fc.sample(calls, { seed, numRuns: count })) {
        const start = used();
        const given = await give(engine.socket, call);
        const all = [given, ...(await follow(call, given))];
        for (const { status, text } of all) {
          if (status >= 500 && !answered.test(text))
            complaints.push(`${status} ${text.trim()} to ${JSON.stringify(call).slice(0, 600)}`);
        }
        const seconds = used() - start;
        if (seconds > 1)
          complaints.push(`${seconds} s of processor time: ${JSON.stringify(call).slice(0, 600)}`);
      }
      expect(complaints).toEqual([]);
      expect(engine.log(1e6)).not.toMatch(/ error request failed/);
      expect(existsSync(traps.file)).toBe(false);
      expect(foreign()).toBe(before);
      const rules = [rig.run('host', 'iptables-save'), rig.run('host', 'nft', 'list', 'ruleset')].join();
      expect(rules).not.toContain(traps.address);
      expect(rules).not.toContain(`table ip ${traps.table}`);
      const { json } = await api('GET', '/seaway/compare');
      expect(json).toMatchObject({ Scopes: [] });
    });
  },
);
