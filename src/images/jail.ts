/**
 * GNU tar on the files of a container that may be running and hostile: between the check of a path and its
 * use, the container can put a symbolic link there (CVE-2018-15664). So tar runs in a private mount
 * namespace, chrooted into a folder with nothing but tar's files (read-only) and the container's root, which no
 * link can leave.
 */
import { mkdtempSync, realpathSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningTar, startTar } from './gnutar.ts';
import { mountAt, mountsBelow, type RootView } from './root-tree.ts';

/**
 * Arguments: the jail, the root, the number of mounts, for each of them source, destination, ro or rw; tar's flags.
 * A mount within the root is made from inside the jail, because its destination may have become a link.
 * Before anything else runs, the script checks that it did not land elsewhere, as over tar itself.
 */
const script = `
jail=$1; root=$2; count=$3; shift 3
mount -t tmpfs -o mode=0711,size=64k seaway "$jail"
mkdir "$jail/root" "$jail/usr"
mount --bind /usr "$jail/usr"; mount -o remount,bind,ro "$jail/usr"
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then cp -P "/$name" "$jail/$name"
  elif [ -d "/$name" ]; then
    mkdir "$jail/$name"; mount --bind "/$name" "$jail/$name"; mount -o remount,bind,ro "$jail/$name"
  fi
done
mount --bind "$root" "$jail/root"
inside() { awk -v p="$jail/root/" 'index($5, p) == 1' /proc/self/mountinfo | wc -l; }
while [ "$count" -gt 0 ]; do
  # of these a link may lead out of the root: it is seen as the root has it
  case $2 in
    etc/hosts | etc/hostname | etc/resolv.conf)
      if chroot "$jail" test -L "/root/$2"; then count=$((count - 1)); shift 3; continue; fi ;;
  esac
  if [ -d "$1" ]; then from=$jail/from.d; mkdir -p "$from"; else from=$jail/from.f; : >"$from"; fi
  mount --bind "$1" "$from"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$from"; fi
  # as at a start; in a root that has never been started the place may be missing
  if ! chroot "$jail" test -e "/root/$2"; then
    case $from in
      *.d) chroot "$jail" mkdir -p "/root/$2" ;;
      *) chroot "$jail" mkdir -p "/root/$(dirname "$2")"; chroot "$jail" touch "/root/$2" ;;
    esac
  fi
  before=$(inside)
  chroot "$jail" mount --bind "/\${from##*/}" "/root/$2" || exit 1
  [ "$(inside)" -gt "$before" ] || { echo "$2 is not where it was" >&2; exit 1; }
  umount "$from"
  count=$((count - 1)); shift 3
done
cd "$jail"
exec chroot "$jail" tar "$@"
`;

const relative = (path: string): string => path.replace(/^\/+|\/+$/g, '');

/**
 * Starts tar in the folder `at` (resolved, relative to the root, text). Mounts of the container below
 * `at`, or below its entry `member`, are included.
 */
export function jailedTar(
  doing: string,
  view: RootView,
  where: { readonly at: string; readonly member?: string; readonly flags: readonly string[] },
): RunningTar {
  const base = mountAt(view, where.at);
  const stem = base ? relative(base.destination) : '';
  const within = (path: string): string => relative(path).slice(stem.length).replace(/^\//, '');
  const nested = mountsBelow(view, where.at).filter(
    ({ destination }) =>
      where.member === undefined || `${relative(destination)}/`.startsWith(`${relative(where.member)}/`),
  );
  const jail = mkdtempSync(join(realpathSync(tmpdir()), 'seaway-jail-'));
  const mounts = nested.flatMap((one) => [one.source, within(one.destination), one.readWrite ? 'rw' : 'ro']);
  const folder = within(where.at);
  const tar = startTar(
    doing,
    'unshare',
    [
      ...['--mount', '--propagation=private', '--', 'sh', '-euc', script, 'seaway'],
      ...[jail, base?.source ?? view.root, String(nested.length), ...mounts],
      ...[`--directory=/root${folder ? `/${folder}` : ''}`, ...where.flags],
    ],
    { changedFiles: 'ignore' },
  );
  const remove = (): void => rmdirSync(jail);
  tar.done.then(remove, remove);
  return tar;
}
