import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Image } from '../../src/model/image.ts';
import { bytesOf, sh, type TestStore, testStore, whole } from './images-store.ts';

let store: TestStore;
let other: TestStore;
beforeEach(() => {
  store = testStore();
  other = testStore();
});
afterEach(() => {
  store.end();
  other.end();
});

const commit = { reference: '', author: '', comment: '', changes: [] };

/** busybox with a layer above it that changes, hides, replaces and adds. */
async function layered(reference: string): Promise<Image> {
  await store.images.ensureBusybox();
  const image = store.images.get('busybox');
  const root = await store.images.mountRoot('made', image);
  sh(
    `cd "$1"; echo new >etc/new; rm etc/group; rm -r var/www; mkdir var/www; echo q >var/www/q; ln etc/new etc/hard
     echo more >>etc/passwd; rm -r root; cp /bin/true capable; setcap cap_net_raw+ep capable; chown 7:8 etc/new`,
    root,
  );
  const made = await store.images.commitRoot('made', image, { ...commit, reference, config: image.config });
  await store.images.removeRoot('made');
  return made;
}

/** All that a root has, but the applets. */
async function listing(from: TestStore, image: Image): Promise<string> {
  const root = await from.images.mountRoot('look', image);
  const list = sh(
    `cd "$1"; find . -path ./bin -prune -o -printf '%p %y %m %U:%G %n %s\\n' | sort; getcap capable`,
    root,
  );
  await from.images.removeRoot('look');
  return list;
}

const messages: Record<string, unknown>[] = [];
const progress = (line: Readonly<Record<string, unknown>>): void => void messages.push(line);
beforeEach(() => {
  messages.length = 0;
});

describe('commit', () => {
  it('makes a layer of what the container changed', async () => {
    const made = await layered('made:1');
    expect(made).toMatchObject({ tags: ['made:1'], parent: store.images.get('busybox').id });
    expect(made.layers).toHaveLength(2);
    const list = await listing(store, made);
    expect(list).toMatch(/^\.\/etc\/hard f 644 7:8 2 4$/m);
    expect(list).toMatch(/^\.\/var\/www\/q f/m);
    expect(list).toMatch(/capable cap_net_raw=ep/);
    expect(list).not.toMatch(/etc\/group|\.\/root|\.wh\./);
  });

  it('an untouched container gives an empty layer', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    const made = await store.images.commitRoot('never', image, {
      ...commit,
      changes: ['CMD a'],
      config: image.config,
    });
    expect(made).toMatchObject({ size: image.size, config: { Cmd: ['/bin/sh', '-c', 'a'] } });
  });
});

describe('diff', () => {
  it('tells added, changed and deleted apart, also in folders that were recreated', async () => {
    await store.images.ensureBusybox();
    const image = store.images.get('busybox');
    const root = await store.images.mountRoot('c1', image);
    sh(
      'cd "$1"; echo 1 >a; rm -r var; echo >>etc/passwd; rm etc/group; echo x >x; rm x; rm -r etc; mkdir etc; echo >etc/passwd',
      root,
    );
    expect(await store.images.changes('c1', image)).toEqual([
      { path: '/a', kind: 1 },
      { path: '/etc', kind: 0 },
      { path: '/etc/group', kind: 2 },
      ...['hostname', 'hosts', 'mtab'].map((name) => ({ path: `/etc/${name}`, kind: 2 })),
      { path: '/etc/passwd', kind: 0 },
      { path: '/etc/resolv.conf', kind: 2 },
      { path: '/var', kind: 2 },
    ]);
  });
});

describe('save and load', () => {
  it('give the same images elsewhere, with the same ids', async () => {
    const made = await layered('made:1');
    await store.images.tag('made:1', 'localhost:5000/x/made:2');
    const archive = await store.images.save(['busybox', 'made:1', 'localhost:5000/x/made']);
    await other.images.load(archive, progress);
    expect(messages.filter(({ stream }) => stream)).toEqual([
      { stream: 'Loaded image: busybox:latest\n' },
      { stream: 'Loaded image: made:1\n' },
      { stream: 'Loaded image: localhost:5000/x/made:2\n' },
    ]);
    const loaded = other.images.get('made:1');
    expect({ ...loaded, tags: [] }).toEqual({ ...made, tags: [] });
    expect(loaded.parent).toBe(store.images.get('busybox').id);
    expect(await listing(other, loaded)).toBe(await listing(store, made));
  });

  it('skopeo reads what is saved, in both formats, and what it writes is loaded', async () => {
    const made = await layered('made:1');
    const file = join(store.work, 'saved.tar');
    writeFileSync(file, await whole(await store.images.save(['made:1'])));
    expect(sh('tar -xOf "$1" manifest.json', file)).not.toContain('Parent');
    const { id, created } = store.images.get('made:1');
    expect(sh('tar --utc -tvf "$1" "blobs/sha256/$2"', file, id.replace('sha256:', ''))).toContain(
      created.slice(0, 16).replace('T', ' '),
    );
    sh(
      `cd "$1"; mkdir layout; tar -xf saved.tar -C layout
       skopeo --insecure-policy copy -q docker-archive:saved.tar:made:1 oci-archive:oci.tar:made:oci
       skopeo --insecure-policy copy -q oci:layout:1 docker-archive:docker.tar:made:docker
       gzip -k docker.tar`,
      store.work,
    );
    for (const name of ['oci.tar', 'docker.tar', 'docker.tar.gz'])
      await other.images.load(Readable.from([readFileSync(join(store.work, name))]), progress);
    for (const name of ['made:oci', 'made:docker'])
      expect(await listing(other, other.images.get(name))).toBe(await listing(store, made));
    expect(other.images.get('made:docker').diffIds).toEqual(made.diffIds);
  });

  it('old archives with layers that are links are read', async () => {
    await layered('made:1');
    writeFileSync(join(store.work, 'saved.tar'), await whole(await store.images.save(['made:1'])));
    const archive = bytesOf(
      `cd "$1"; mkdir old x; tar -xf saved.tar -C x; cd old
       mkdir one two; i=0; for digest in $(grep -o 'sha256/[0-9a-f]*' ../x/manifest.json | cut -c8-); do
         i=$((i + 1)); test $i = 1 && cp ../x/blobs/sha256/$digest $digest.json && config=$digest
         test $i = 2 && cp ../x/blobs/sha256/$digest one/layer.tar
         test $i = 3 && cp ../x/blobs/sha256/$digest two/real.tar; done; ln -s ../two/real.tar two/layer.tar
       printf '[{"Config":"%s.json","RepoTags":["old:1"],"Layers":["one/layer.tar","two/layer.tar"]}]' "$config" >manifest.json
       tar -c .`,
      store.work,
    );
    await other.images.load(archive, progress);
    expect(other.images.get('old:1').diffIds).toEqual(store.images.get('made:1').diffIds);
  });

  it('archives of the oldest Docker, with a folder per layer and their names beside, are read', async () => {
    await layered('made:1');
    writeFileSync(join(store.work, 'saved.tar'), await whole(await store.images.save(['made:1'])));
    const [one, two] = ['1', '2'].map((digit) => digit.repeat(64));
    const archive = bytesOf(
      `cd "$1"; mkdir old x; tar -xf saved.tar -C x; cd old; mkdir "$2" "$3"; i=0
       for digest in $(grep -o 'Layers.*' ../x/manifest.json | grep -o 'sha256/[0-9a-f]*' | cut -c8-); do
         i=$((i + 1)); test $i = 1 && cp ../x/blobs/sha256/$digest $2/layer.tar; test $i = 2 && cp ../x/blobs/sha256/$digest $3/layer.tar; done
       printf '{"id":"%s","created":"2014-01-01T00:00:00Z","container_config":{"Cmd":["/bin/sh","-c","one"]}}' $2 >$2/json
       printf '{"id":"%s","parent":"%s","created":"2015-01-01T00:00:00Z","architecture":"amd64","os":"linux","config":{"Cmd":["sh"]}}' $3 $2 >$3/json
       printf '{"old":{"1":"%s","2":"%s"},"base":{"latest":"%s"}}' $3 $3 $2 >repositories
       tar -c .`,
      store.work,
      one ?? '',
      two ?? '',
    );
    await other.images.load(archive, progress);
    const image = other.images.get('old:2');
    expect(image).toMatchObject({
      tags: ['old:1', 'old:2'],
      config: { Cmd: ['sh'] },
      created: '2015-01-01T00:00:00Z',
    });
    expect(image.diffIds).toEqual(store.images.get('made:1').diffIds);
    expect(image.history.map(({ createdBy }) => createdBy)).toEqual(['/bin/sh -c one', '']);
    expect(other.images.get('base').diffIds).toEqual(image.diffIds.slice(0, 1));
  });

  it('layers of the oldest Docker without an end mark, or of no bytes, are read', async () => {
    const [one, two] = ['3', '4'].map((digit) => digit.repeat(64));
    const archive = bytesOf(
      `cd "$1"; mkdir none empty; cd none; mkdir "$2" "$3"; tar -cf ../empty.tar -C ../empty .
       dd if=../empty.tar of=$2/layer.tar bs=512 count=1 2>/dev/null; : >$3/layer.tar
       printf '{"id":"%s","created":"2014-01-01T00:00:00Z"}' $2 >$2/json
       printf '{"id":"%s","parent":"%s","created":"2015-01-01T00:00:00Z","architecture":"amd64","os":"linux"}' $3 $2 >$3/json
       printf '{"none":{"latest":"%s"}}' $3 >repositories
       tar -c .`,
      store.work,
      one ?? '',
      two ?? '',
    );
    await other.images.load(archive, progress);
    expect(other.images.get('none').layerSizes).toEqual([0, 0]);
  });

  it('a name without a tag saves all of its repository', async () => {
    await layered('made:1');
    await store.images.tag('made:1', 'made:2');
    const archive = await whole(await store.images.save(['made']));
    await other.images.load(Readable.from([archive]), progress);
    expect(other.images.get('made:2').tags).toEqual(['made:1', 'made:2']);
    expect(store.images.named('made')).toHaveLength(1);
  });

  it('of several platforms the own one is loaded', async () => {
    await layered('made:1');
    const archive = await whole(await store.images.save(['made:1']));
    writeFileSync(join(store.work, 'saved.tar'), archive);
    const both = bytesOf(
      `cd "$1"; mkdir x; tar -xf saved.tar -C x; cd x; rm manifest.json repositories
       digest=$(grep -o '"digest":"sha256:[0-9a-f]*","size":[0-9]*' index.json | head -1)
       arch=$2; printf '{"schemaVersion":2,"manifests":[{%s,"platform":{"os":"linux","architecture":"vax"}},{%s,"platform":{"os":"linux","architecture":"%s"}}]}' \\
         "$(echo "$digest" | sed 's/sha256:..../sha256:0000/')" "$digest" "$arch" >list
       sum=$(sha256sum list | cut -d' ' -f1); mv list blobs/sha256/$sum
       printf '{"schemaVersion":2,"manifests":[{"digest":"sha256:%s","size":1,"annotations":{"org.opencontainers.image.ref.name":"multi:1"}}]}' $sum >index.json
       tar -c .`,
      store.work,
      store.images.get('made:1').architecture,
    );
    await other.images.load(both, progress);
    expect(other.images.get('multi:1').id).toBe(store.images.get('made:1').id);
  });

  const damages: readonly (readonly [string, string, RegExp])[] = [
    [
      'a layer that was changed',
      'f=$(ls -S blobs/sha256/* | head -1); printf X | dd of=$f bs=1 seek=90000 conv=notrunc status=none',
      /digest mismatch|verification failed/,
    ],
    [
      'a configuration that was changed',
      'f=$(grep -l diff_ids blobs/sha256/*); sed -i \'s/"os":/ "os":/\' $f',
      /digest mismatch/,
    ],
    ['a layer that is missing', 'rm $(ls -S blobs/sha256/* | head -1)', /it has no "blobs/],
    ['a manifest of more layers', 'sed -i \'s/"Layers":\\[/&"x",/\' manifest.json', /layers length mismatch/],
    ['no manifest', 'rm manifest.json index.json repositories', /no manifest.json/],
    ['a manifest that is no JSON', 'echo { >manifest.json', /not JSON/],
    [
      'a layout whose index was changed',
      "rm manifest.json; sed -i 's/sha256:..../sha256:0000/' index.json",
      /it has no "blobs/,
    ],
    ['a bad name', "sed -i 's/made:1/Made:1/' manifest.json", /must be lowercase/],
  ];
  it.each(damages)('%s: refused, and nothing is left', async (_, script, why) => {
    await layered('made:1');
    writeFileSync(join(store.work, 'saved.tar'), await whole(await store.images.save(['made:1'])));
    const archive = bytesOf(
      `cd "$1"; mkdir x; tar -xf saved.tar -C x; cd x; ${script}; tar -c .`,
      store.work,
    );
    await expect(other.images.load(archive, progress)).rejects.toThrow(why);
    expect([...other.model.all('images')]).toEqual([]);
    expect(sh('cd "$1"; find images -mindepth 2; ls -A images | grep -v layers || true', other.root)).toBe(
      '',
    );
  });

  it('a file that is no archive, or one that is cut off, is refused', async () => {
    await layered('made:1');
    const archive = await whole(await store.images.save(['made:1']));
    await expect(
      other.images.load(Readable.from([archive.subarray(0, 1_000_000)]), progress),
    ).rejects.toThrow('unexpected EOF');
    await expect(other.images.load(bytesOf('echo hello'), progress)).rejects.toThrow('unexpected EOF');
    await expect(store.images.save(['nope'])).rejects.toThrow('No such image: nope');
  });
});
