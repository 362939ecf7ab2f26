export interface Volume {
  readonly name: string;
  readonly driver: string;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  /** Path of its files; '' for a plugin's volume that was not mounted when the plugin was last asked. */
  readonly mountpoint: string;
  /** Of a plugin whose volumes are the same on all hosts. */
  readonly scope?: 'global';
  /** Made by a container without a name; `docker rm -v` takes it along. */
  readonly anonymous: boolean;
}

/** The driver that the engine has itself: folders below its data root. */
export const localDriver = 'local';

export const isLocal = ({ driver }: Pick<Volume, 'driver'>): boolean => driver === localDriver;

/** Docker's label of volumes that were given no name. */
export const anonymousLabel = 'com.docker.volume.anonymous';

/** Also one that a user has labelled so, as in Docker. */
export const isAnonymous = ({ anonymous, labels }: Pick<Volume, 'anonymous' | 'labels'>): boolean =>
  anonymous || Object.hasOwn(labels, anonymousLabel);

/** The labels of a new volume. */
export const labelsOf = (
  asked: Readonly<Record<string, string>>,
  { anonymous }: { readonly anonymous: boolean },
): Readonly<Record<string, string>> => (anonymous ? { ...asked, [anonymousLabel]: '' } : asked);
