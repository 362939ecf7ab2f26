/** Images and root filesystems: layers on overlayfs, archives in and out, registries by skopeo. */
import type { Readable } from 'node:stream';
import type { Image } from '../model/image.ts';
import type { PluginConfig } from '../model/plugin.ts';
import type { View } from '../model/tables.ts';
import type { Decision, Transition } from '../model/transition.ts';
import type { Platform } from './platform.ts';
import type { Reference } from './reference.ts';

/** Credentials for a registry. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export type ImageView = Pick<View, 'get' | 'all'>;

/** The part of the model that the image store uses. */
export interface ImageRecords {
  readonly view: ImageView;
  /** Resolves with the transition's decision; the transition is run again where the records changed meanwhile. */
  transact<D extends Decision>(transition: Transition<D, ImageView>): Promise<D>;
  /** For removals: where the disk refuses, the change is written later. */
  keep<D extends Decision>(transition: Transition<D, ImageView>): Promise<D>;
}

/** A line of progress, in the API's own JSON (`status`, `id`, `progressDetail`, `stream`, `aux`). */
export type Progress = (line: Readonly<Record<string, unknown>>) => void;

export interface ImportOptions {
  /** `repo:tag`, or '' for none. */
  readonly reference: string;
  readonly message: string;
  /** Dockerfile instructions: `CMD ["sh"]`, `ENV a=b`, ... */
  readonly changes: readonly string[];
  readonly platform: string;
}

export interface CommitOptions {
  readonly reference: string;
  readonly author: string;
  readonly comment: string;
  readonly changes: readonly string[];
  readonly config: Image['config'];
}

export interface FileChange {
  readonly path: string;
  /** As the API: 0 modified, 1 added, 2 deleted. */
  readonly kind: 0 | 1 | 2;
}

/** A name that an image has lost, or an image or layer that was deleted. */
export interface Removed {
  readonly untagged?: string;
  readonly deleted?: string;
}

/** An image of a managed plugin. */
export interface PluginContent {
  readonly config: PluginConfig;
  /** The configuration, byte for byte. */
  readonly file: string;
  /** Chain ids of the layers, lowest first; a root of the given name stands on them. */
  readonly layers: readonly string[];
}

export interface RegistryAccess {
  readonly auth?: Credentials;
  /** Whoever asked has gone: what is under way with the registry is given up. */
  readonly gone?: AbortSignal;
}

/** What a registry has by a name. */
export interface Distribution {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platforms: readonly Partial<Platform>[];
}

export interface PluginImages {
  /** From an archive of `config.json` and `rootfs/`. `version` goes into the configuration. Throws PLUGIN_INVALID. */
  build(
    archive: AsyncIterable<Buffer>,
    options: { readonly root: string; readonly version: string },
  ): Promise<PluginContent>;
  /** The configuration of a plugin in a registry. Throws REGISTRY_..., PLUGIN_INVALID where it is no plugin. */
  look(reference: Reference, options: RegistryAccess): Promise<PluginConfig>;
  /**
   * `accept` is called with the configuration before anything is made, and may throw.
   */
  pull(
    reference: Reference,
    options: RegistryAccess & { readonly root: string; readonly accept: (config: PluginConfig) => void },
    progress: Progress,
  ): Promise<PluginContent>;
  push(
    content: Pick<PluginContent, 'file' | 'layers'>,
    options: RegistryAccess & { readonly reference: Reference },
    progress: Progress,
  ): Promise<void>;
}

export interface Images {
  /** By id, id prefix, `repo`, `repo:tag`, `repo@digest`. */
  find(reference: string): Image | undefined;
  /** As `find`, or throws IMAGE_NOT_FOUND with the reference as Docker prints it (`busybox:latest`). */
  get(reference: string): Image;
  import(archive: Readable, options: ImportOptions): Promise<Image>;
  /** `docker load`: both archive formats (docker-archive, OCI layout), compressed or not. */
  load(archive: Readable, progress: Progress): Promise<void>;
  /** The images that `save` writes for a name; for a repository all that have a tag there. */
  named(reference: string): readonly Image[];
  save(references: readonly string[]): Promise<Readable>;
  pull(
    reference: string,
    options: RegistryAccess & { readonly platform: string },
    progress: Progress,
  ): Promise<void>;
  /** One tag, or all of the repository where none is named. */
  push(
    reference: string,
    options: RegistryAccess & {
      /** Called for each pushed name. */
      readonly onPushed: (name: string) => void;
    },
    progress: Progress,
  ): Promise<void>;
  /** Answers within about a second where the registry is not reached. */
  lookUp(reference: string, options: RegistryAccess): Promise<Distribution>;
  /** Rejects unless the registry at that address (as clients name it) accepts the credentials. */
  signIn(address: string, auth: Credentials): Promise<void>;
  tag(image: string, reference: string): Promise<void>;
  /** Returns removed names and images in Docker's order. */
  remove(
    reference: string,
    options: {
      readonly force: boolean;
      /** Keep untagged parents. */
      readonly noPrune?: boolean;
      /** Returns a container of the image, a running one if there is any. */
      readonly usedBy: (imageId: string) => string | undefined;
    },
  ): Promise<readonly Removed[]>;
  /** Makes the built-in busybox image from Debian's static busybox if it is missing. */
  ensureBusybox(): Promise<void>;
  /** Makes the built-in image where the reference means it and no image has its name. Throws RUNTIME_FAILED. */
  provide(reference: string): Promise<void>;

  /** Makes (once) and mounts the container's root; returns the path of the merged folder. */
  mountRoot(containerId: string, image: Pick<Image, 'id' | 'layers'>): Promise<string>;
  unmountRoot(containerId: string): Promise<void>;
  /** Unmounts and removes the container's own layer. A missing one is no error. */
  removeRoot(containerId: string): Promise<void>;
  /** Folders of the container's root, for `GraphDriver` of the API; the image's uppermost layer first. */
  rootFolders(
    containerId: string,
    image: Pick<Image, 'layers'> | undefined,
  ): {
    readonly lower: readonly string[];
    readonly upper: string;
    readonly work: string;
    readonly merged: string;
  };
  /** Runs `use` with the root mounted, also of a stopped container; unmounts it afterwards if it was not mounted. */
  withRoot<T>(containerId: string, image: Image, use: (root: string) => Promise<T>): Promise<T>;
  changes(containerId: string, image: Image): Promise<readonly FileChange[]>;
  commitRoot(containerId: string, image: Image, options: CommitOptions): Promise<Image>;
  /** Bytes of the container's own layer, and of the layer and the image together. */
  rootSize(containerId: string, image: Image): Promise<{ readonly rw: number; readonly rootFs: number }>;
  /** Images of managed plugins. */
  readonly plugins: PluginImages;
  /** Removes unused layers. */
  prune(): Promise<void>;
  /** Removes roots of containers that are not among these, and leftovers. */
  sweep(containerIds: ReadonlySet<string>): Promise<void>;
}
