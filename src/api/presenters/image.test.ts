import { expect, test } from 'vitest';
import { busybox } from '../../../test/api/records.ts';
import { presentHistory, presentImage, presentImageEntry } from './image.ts';
import { familiarName, imageRefersTo } from './image-names.ts';

const entry = (version: number, image = busybox): object =>
  presentImageEntry(image, { version, containers: -1, sharedSize: -1 });

test('the virtual size went with 1.44', () => {
  expect(entry(43)).toMatchObject({ VirtualSize: busybox.size });
  expect(entry(44)).not.toHaveProperty('VirtualSize');
});

test('an image without a name has an empty list of them since 1.43', () => {
  const dangling = { ...busybox, tags: [] };
  const none = { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] };
  expect(entry(42, dangling)).toMatchObject(none);
  expect(entry(43, dangling)).toMatchObject({ RepoTags: [], RepoDigests: [] });
  expect(entry(42)).toMatchObject({ RepoTags: ['busybox:latest'], RepoDigests: null });
});

test('names come in the order of their full names', () => {
  const tags = ['zoo:1', 'me/b:1', 'busybox:latest', 'registry.example/a:1', 'app:2', 'localhost/a:1'];
  expect(entry(50, { ...busybox, tags })).toMatchObject({
    RepoTags: ['app:2', 'busybox:latest', 'zoo:1', 'me/b:1', 'localhost/a:1', 'registry.example/a:1'],
  });
});

test('configurations had the fields of containers before 1.50', () => {
  expect(presentImage(busybox, 49)).toMatchObject({ Config: { Hostname: '', Cmd: ['sh'] } });
  expect(presentImage(busybox, 50)).not.toHaveProperty('Config.Hostname');
});

test('history is newest first, and only the newest entry is an image', () => {
  const step = { created: '2026-01-01T00:00:00Z', createdBy: 'ADD', comment: '', emptyLayer: false };
  const history = [step, { ...step, createdBy: 'CMD', emptyLayer: true }];
  expect(presentHistory({ ...busybox, history })).toMatchObject([
    { CreatedBy: 'CMD', Id: busybox.id, Size: 0, Tags: ['busybox:latest'] },
    { CreatedBy: 'ADD', Id: '<missing>', Size: busybox.size, Tags: null },
  ]);
  expect(presentHistory(busybox)).toMatchObject([{ Comment: 'Imported from -', Size: busybox.size }]);
});

test('names are familiar ones', () => {
  expect(familiarName('docker.io/library/busybox')).toBe('busybox:latest');
  expect(familiarName('registry.example:5000/app')).toBe('registry.example:5000/app:latest');
  expect(imageRefersTo(busybox, 'bbbb') && imageRefersTo(busybox, 'busybox')).toBe(true);
  expect(imageRefersTo(busybox, 'bb') || imageRefersTo(busybox, 'alpine')).toBe(false);
});
