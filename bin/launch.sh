# Sourced by the launchers with $program and $here set, and $flags for Node: run the program on a Node that fits.
# SEAWAY_SOURCE=1 runs the TypeScript even where there is a bundle.
. "$here/bin/find-node.sh"
# iptables and its like are looked for on the path, and `su` leaves a user's path to root; set-up unpacks etcd
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:$(cd "$here" && pwd)/.cache/etcd/usr/bin
node=$(find_node "$here") || {
  echo "$program: no Node.js of at least 24 was found; 'npm start' in $(readlink -f "$here") brings one" >&2
  exit 1
}
entry=$here/dist/$program.js
if [ -n "${SEAWAY_SOURCE:-}" ] || [ ! -f "$entry" ]; then entry=$here/src/main/$program.ts; fi
# without `--` Node would take some of the program's flags (--env-file) for its own
# shellcheck disable=SC2086
exec "$node" $flags --disable-warning=ExperimentalWarning -- "$entry" "$@"
