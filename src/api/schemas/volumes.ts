/** Body of `POST /volumes/create` (Docker Engine API 1.50: VolumeCreateOptions). */
import Type from 'typebox';
import { anything, text, textMap } from './fields.ts';

export const volumeCreate = Type.Object(
  { Name: text, Driver: text, DriverOpts: textMap, Labels: textMap, ClusterVolumeSpec: anything },
  { title: 'VolumeCreateOptions' },
);
