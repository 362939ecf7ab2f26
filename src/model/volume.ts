export interface Volume {
  readonly name: string;
  readonly driver: string;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint: string;
  /** Made by a container without a name; `docker rm -v` takes it along. */
  readonly anonymous: boolean;
}

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
