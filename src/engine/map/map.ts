/** The verbs of the picture of the network. */
import { hostname, networkInterfaces } from 'node:os';
import { hostLinksOf } from '../../model/host-links.ts';
import { findContainer, findNetwork } from '../../model/references.ts';
import type { View } from '../../model/tables.ts';
import type { Core } from '../core.ts';
import type { MapHost, MapVerbs } from '../map-verbs.ts';
import { takenOff } from '../taken-off.ts';
import { wantedFirewall } from '../wanted-rules.ts';
import { pictureOf } from './picture.ts';
import { namesOfContainer, namesOfNetwork, rulesNaming } from './rules.ts';
import { readTraffic } from './traffic.ts';

type Mapping = Pick<Core, 'config' | 'facts' | 'model' | 'reconciler' | 'resolver' | 'retries'>;

/** Milliseconds for which changes are collected into one picture. */
const together = 100;

export function mapVerbs(core: Mapping): MapVerbs {
  const { model, retries, reconciler } = core;
  return {
    picture: () =>
      pictureOf(model, { host: hostOf(model), degraded: [...retries.list(), ...takenOff(model)] }),
    follow(listener) {
      let timer: NodeJS.Timeout | undefined;
      const changed = (): void => {
        timer ??= setTimeout(() => {
          timer = undefined;
          listener();
        }, together).unref();
      };
      const ends = [model.onChange(changed), retries.onChange(changed)];
      return () => {
        clearTimeout(timer);
        for (const end of ends) end();
      };
    },
    traffic: () => readTraffic(core),
    rules(kind, ref) {
      const names =
        kind === 'network'
          ? namesOfNetwork(model, findNetwork(model, ref).id)
          : namesOfContainer(model, findContainer(model, ref).id);
      return rulesNaming(names, wantedFirewall(core), reconciler.firewallBackend);
    },
  };
}

/** Links with addresses that are not of the engine. */
function hostOf(view: View): MapHost {
  const own = new Set(Array.from(view.all('networks')).flatMap((each) => hostLinksOf(view.drivers, each)));
  const links = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    own.has(name) || addresses.every(({ internal }) => internal)
      ? []
      : [{ name, addresses: addresses.flatMap(({ cidr }) => (isShown(cidr) ? [cidr] : [])) }],
  );
  return { name: hostname(), links: links.filter(({ addresses }) => addresses.length > 0) };
}

const isShown = (cidr: string | null): cidr is string => cidr !== null && !cidr.startsWith('fe80:');
