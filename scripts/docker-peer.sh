#!/bin/sh
# docker-peer.sh [SUITE]: unpack the Docker of a Debian suite below .cache/docker-peer/SUITE, to compare with.
# Nothing is installed. trixie, the default, has 26.1.5; sid has 28.5. Prints the folder.
set -eu
cd "$(dirname "$0")/.."
suite=${1:-trixie}
root=$PWD/.cache/docker-peer/$suite
state=$root/.apt
if [ -f "$root/.complete" ]; then echo "$root"; exit; fi
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
# the mirror that this machine takes its own packages from
mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null |
  tr ' ' '\n' | grep -E '^https?://.*/debian/?$' | head -n 1)
[ -n "$mirror" ] || { echo "no Debian mirror is configured in /etc/apt" >&2; exit 1; }
echo "deb $mirror $suite main" >"$state/sources.list"
apt() {
  apt-get -qq -o APT::Sandbox::User=root -o Dir::Etc::sourcelist="$state/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" "$@"
}
apt update >&2
(cd "$state/cache/archives" && apt download docker.io containerd >&2 &&
  for package in ./*.deb; do dpkg-deb -x "$package" "$root"; done)
# Debian's docker-init is a link to the program of a package that this machine may have
[ -e "$root/usr/bin/docker-init" ] || ln -sf "$(command -v tini-static || echo tini-static)" "$root/usr/bin/docker-init"
rm -rf "$state"
touch "$root/.complete"
echo "$root"
