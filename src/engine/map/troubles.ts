/** What is degraded, lost or unhealthy, each with the part of the picture that it concerns. */
import type { Container } from '../../model/container.ts';
import type { View } from '../../model/tables.ts';
import type { Degraded } from '../../reconcile/retries.ts';
import type { MapTrouble } from '../map-verbs.ts';

type Place = Pick<MapTrouble, 'kind' | 'id'>;

export const troublesOf = (view: View, degraded: readonly Degraded[]): readonly MapTrouble[] => [
  ...degraded.map(
    ({ key, name, error, since, next }): MapTrouble => ({
      ...placeOf(view, key),
      ...{ at: name, why: error, since, next },
    }),
  ),
  ...Array.from(view.all('nodes')).flatMap(({ id, name, lost }): readonly MapTrouble[] =>
    lost
      ? [{ kind: 'node', id, at: `host ${name}`, why: 'it has not been heard of', since: '', next: '' }]
      : [],
  ),
  ...Array.from(view.all('containers')).flatMap(containerTroubles),
];

/** Keys are `network:ID`, `sandbox:ID`, `start:ID`, `taken:ID NETWORK`, or names of steps. */
function placeOf(view: View, key: string): Place {
  const [kind = '', rest = ''] = key.split(':');
  const [id = ''] = rest.split(' ');
  if (kind === 'network' && view.get('networks', id)) return { kind, id };
  const container = view.get('containers', view.get('sandboxes', id)?.containerId ?? id);
  return container ? { kind: 'container', id: container.id } : { kind: 'host', id: '' };
}

function containerTroubles({ id, name, state }: Container): readonly MapTrouble[] {
  const why = whyOf(state);
  if (why === '') return [];
  const since = state.status === 'restarting' ? state.finishedAt : '';
  return [{ kind: 'container', id, at: `container ${name}`, why, since, next: '' }];
}

function whyOf({ status, health, exitCode, error }: Container['state']): string {
  if (status === 'restarting') return `it ended with status ${exitCode} and is started again`;
  if (status === 'dead') return 'it could not be removed';
  if (status === 'exited' && error !== '') return `it was not started: ${error}`;
  if (status === 'running' && health?.status === 'unhealthy') {
    const output = health.log.at(-1)?.output.trim().split('\n')[0] ?? '';
    return `its health check fails${output === '' ? '' : `: ${output}`}`;
  }
  return '';
}
