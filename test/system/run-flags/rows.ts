/** Every flag of `docker run`: rows that a container comes of, unless the machine lacks something. */
import { powerful, resources, security } from './limits.ts';
import { namespaces, networks, storage } from './places.ts';
import { ofImage, process } from './process.ts';
import type { Row } from './row.ts';

export const goodRows: readonly Row[] = [
  ...process,
  ...ofImage,
  ...security,
  ...powerful,
  ...resources,
  ...storage,
  ...namespaces,
  ...networks,
];
