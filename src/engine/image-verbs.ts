/** The verbs of images. */

import type { Readable } from 'node:stream';
import type {
  Credentials,
  Distribution,
  ImportOptions,
  Progress,
  RegistryAccess,
  Removed,
} from '../images/images.ts';
import type { Image } from '../model/image.ts';

export interface ImageVerbs {
  list(): readonly { readonly image: Image; readonly containers: number }[];
  get(ref: string): Image;
  /** As `get`; the built-in image is made if it is named and missing. */
  ask(ref: string): Promise<Image>;
  import(archive: Readable, options: ImportOptions): Promise<Image>;
  load(archive: Readable, progress: Progress): Promise<void>;
  save(refs: readonly string[]): Promise<Readable>;
  pull(
    ref: string,
    options: RegistryAccess & { readonly platform: string },
    progress: Progress,
  ): Promise<void>;
  push(ref: string, options: RegistryAccess, progress: Progress): Promise<void>;
  /** Throws REGISTRY_NOT_FOUND, REGISTRY_DENIED or REGISTRY_FAILED. */
  lookUp(ref: string, options: RegistryAccess): Promise<Distribution>;
  /** Rejects if the registry refuses the credentials. */
  signIn(address: string, auth: Credentials): Promise<void>;
  tag(ref: string, reference: string): Promise<void>;
  remove(
    ref: string,
    options: { readonly force: boolean; readonly noPrune?: boolean },
  ): Promise<readonly Removed[]>;
  prune(matches: (image: Image) => boolean): Promise<{
    readonly removed: readonly Removed[];
    readonly bytes: number;
  }>;
}
