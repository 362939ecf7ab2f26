import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankConfig, blankEndpointSpec } from './blank.ts';
import type { ContainerState } from './container.ts';
import { renameContainer, withState } from './containers.ts';
import { checkLinks, linkEnvironment, linkedAddress, linksOf, parseLink, withoutLink } from './links.ts';
import { findContainer } from './references.ts';
import { openSandbox } from './sandboxes.ts';

type World = ReturnType<typeof world>;

function running(here: World, name: string, more: Parameters<World['container']>[1] = {}) {
  const container = here.container(name, more);
  here.model.apply(openSandbox(here.model, container, here.sandboxContext).changes);
  return container;
}

describe('the name of a link', () => {
  it('stands for who is linked', () => {
    const here = world();
    const { id } = here.container('db');
    here.container('web', { hostConfig: { Links: ['db:sql'] } });
    expect(findContainer(here.model, 'web/sql').id).toBe(id);
    expect(findContainer(here.model, '/web/sql').id).toBe(id);
    for (const name of ['web/no', 'db/sql', 'web/sql/x', 'web/'])
      expect(() => findContainer(here.model, name)).toThrow(`No such container: ${name}`);
  });
});

describe('parseLink', () => {
  const here = world();
  const { id } = here.container('db');
  it.each([
    ['db', 'db'],
    ['db:sql', 'sql'],
    ['/db:/web/sql', 'sql'],
    ['/db', 'db'],
    [id.slice(0, 12), id.slice(0, 12)],
    [`${id}:sql`, 'sql'],
    ['db:', 'db'],
  ])('reads %s as db, called %s', (spec, alias) => {
    const link = parseLink(here.model, spec);
    expect([link.source.name, link.alias]).toEqual(['db', alias]);
  });

  it('says whom it did not find', () => {
    expect(() => parseLink(here.model, '/gone:sql')).toThrow(
      'could not get container for gone: No such container: gone',
    );
  });

  it('is read from the configuration in records from before, unless the source is gone', () => {
    const web = here.container('web', { hostConfig: { Links: ['db:sql'] } });
    const { links, ...before } = { ...web, hostConfig: { ...web.hostConfig, Links: ['gone', 'db:sql'] } };
    expect(links).toHaveLength(1);
    expect(linksOf(here.model, before).map(({ alias }) => alias)).toEqual(['sql']);
    const none = { ...before, hostConfig: { ...web.hostConfig, Links: null } };
    expect(linksOf(here.model, none)).toEqual([]);
  });
});

describe('links are made at create', () => {
  const links = (here: World, name: string) => here.model.containerByName(name)?.links;

  it('to a container, not to whoever has its name later', () => {
    const here = world();
    const db = here.container('db');
    here.container('web', { hostConfig: { Links: ['db:sql'] } });
    expect(links(here, 'web')).toEqual([{ id: db.id, name: 'db', alias: 'sql' }]);
    here.model.apply(renameContainer(here.model, db, 'old'));
    here.container('db');
    expect(links(here, 'web')).toEqual([{ id: db.id, name: 'old', alias: 'sql' }]);
    const web = here.model.containerByName('web');
    expect(web && linksOf(here.model, web).map(({ source }) => source.name)).toEqual(['old']);
    expect(web && withoutLink(web, 'sql').links).toEqual([]);
  });

  it('to the one whose network the source shares', () => {
    const here = world();
    const db = here.container('db');
    here.container('side', { hostConfig: { NetworkMode: 'container:db' } });
    here.container('web', { hostConfig: { Links: ['side:sql'] } });
    expect(links(here, 'web')).toEqual([{ id: db.id, name: 'db', alias: 'sql' }]);
  });

  it('not to one in the host’s network, and not on networks of the user’s', () => {
    const here = world();
    here.network('mine');
    here.container('db', { hostConfig: { NetworkMode: 'host' } });
    expect(() => here.container('web', { hostConfig: { Links: ['db'] } })).toThrow(
      "host type networking can't be used with links",
    );
    here.container('free', { hostConfig: { NetworkMode: 'mine', Links: ['db'] } });
    expect(links(here, 'free')).toBeUndefined();
  });
});

describe('a container starts', () => {
  const attempt = (status: ContainerState['status'], source: Parameters<World['container']>[1] = {}) => {
    const here = world();
    here.network('mine');
    const db = here.container('db', source);
    const web = here.container('web', { hostConfig: { Links: ['db:sql'] } });
    here.model.apply([{ table: 'containers', put: withState(db, { status }) }]);
    return () => checkLinks(here.model, web);
  };

  it('while the sources of its links run', () => {
    for (const status of ['running', 'paused', 'restarting'] as const) expect(attempt(status)).not.toThrow();
    for (const status of ['created', 'exited', 'dead'] as const)
      expect(attempt(status)).toThrow('Cannot link to a non running container: /db AS /web/sql');
  });

  it('while they are there', () => {
    const here = world();
    const db = here.container('db');
    const web = here.container('web', { hostConfig: { Links: ['db:sql'] } });
    here.model.apply([{ table: 'containers', remove: db.id }]);
    here.container('db');
    expect(() => checkLinks(here.model, web)).toThrow(
      'Cannot link to a non running container: /db AS /web/sql',
    );
  });

  it('while they are on the default bridge', () => {
    for (const NetworkMode of ['mine', 'none'])
      expect(attempt('running', { hostConfig: { NetworkMode } })).toThrow(
        /^container \w+ not attached to default bridge network$/,
      );
  });
});

describe('a link that is taken away', () => {
  const left = (Links: readonly string[] | null, alias: string) => {
    const web = world().container('web');
    return withoutLink({ ...web, hostConfig: { ...web.hostConfig, Links } }, alias).hostConfig.Links;
  };

  it('is every one of that alias, and no other', () => {
    expect(left(['db:sql', '/cache:/web/sql', 'sql', 'mail'], 'sql')).toEqual(['mail']);
    expect(left(['db:sql', 'sql:db'], 'db')).toEqual(['db:sql']);
  });

  it('leaves none at all where it was the last', () => {
    expect([left(['db:sql'], 'sql'), left(null, 'sql')]).toEqual([null, null]);
  });

  it('leaves the rest of the container as it is', () => {
    const web = world().container('web');
    expect(withoutLink(web, 'sql')).toEqual(web);
  });
});

describe('the address of a link', () => {
  it('is that on the default bridge, whatever other networks the source is on', () => {
    const here = world();
    here.network('other');
    running(here, 'db', { networks: [blankEndpointSpec('other'), blankEndpointSpec('bridge')] });
    expect(linkedAddress(here.model, parseLink(here.model, 'db'))).toBe('172.17.0.2');
  });

  it('is none while the source does not run, and none where it is elsewhere', () => {
    const here = world();
    here.network('other');
    here.container('stopped');
    running(here, 'away', { hostConfig: { NetworkMode: 'other' } });
    for (const name of ['stopped', 'away']) {
      expect(linkedAddress(here.model, parseLink(here.model, name))).toBe('');
      const web = here.container(`web-${name}`, { hostConfig: { Links: [name] } });
      expect(linkEnvironment(here.model, web)).toEqual([]);
    }
  });
});

describe('the environment that a link brings', () => {
  it('has the name, the first port, each port by number, and what the source has but HOME and PATH', () => {
    const here = world();
    running(here, 'db', {
      config: {
        ...blankConfig,
        ExposedPorts: { '8080/tcp': {}, '53/udp': {}, '53/tcp': {} },
        Env: ['PATH=/bin', 'HOME=/root', 'HOMEPAGE=x', 'A=b=c'],
      },
    });
    const web = here.container('web', { hostConfig: { Links: ['db:my-sql'] } });
    expect(linkEnvironment(here.model, web)).toEqual([
      'MY_SQL_NAME=/web/my-sql',
      'MY_SQL_PORT=tcp://172.17.0.2:53',
      'MY_SQL_PORT_53_TCP=tcp://172.17.0.2:53',
      'MY_SQL_PORT_53_TCP_ADDR=172.17.0.2',
      'MY_SQL_PORT_53_TCP_PORT=53',
      'MY_SQL_PORT_53_TCP_PROTO=tcp',
      'MY_SQL_PORT_53_UDP=udp://172.17.0.2:53',
      'MY_SQL_PORT_53_UDP_ADDR=172.17.0.2',
      'MY_SQL_PORT_53_UDP_PORT=53',
      'MY_SQL_PORT_53_UDP_PROTO=udp',
      'MY_SQL_PORT_8080_TCP=tcp://172.17.0.2:8080',
      'MY_SQL_PORT_8080_TCP_ADDR=172.17.0.2',
      'MY_SQL_PORT_8080_TCP_PORT=8080',
      'MY_SQL_PORT_8080_TCP_PROTO=tcp',
      'MY_SQL_ENV_HOMEPAGE=x',
      'MY_SQL_ENV_A=b=c',
    ]);
  });

  it('has the name alone where the source exposes nothing', () => {
    const here = world();
    running(here, 'db');
    const web = here.container('web', { hostConfig: { Links: ['db', 'db:again'] } });
    expect(linkEnvironment(here.model, web)).toEqual(['DB_NAME=/web/db', 'AGAIN_NAME=/web/again']);
  });
});
