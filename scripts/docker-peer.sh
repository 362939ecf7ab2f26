#!/bin/sh
# docker-peer.sh [SUITE]: unpack the Docker of a Debian suite below .cache/docker-peer/SUITE, to compare with.
# Nothing is installed. trixie, the default, has 26.1.5; sid has 28.5. Prints the folder.
set -eu
cd "$(dirname "$0")/.."
suite=${1:-trixie}
root=$PWD/.cache/docker-peer/$suite
sh scripts/unpack-suite.sh "$root" "$suite" docker.io containerd
# Debian's docker-init is a link to the program of a package that this machine may have
[ -e "$root/usr/bin/docker-init" ] || ln -sf "$(command -v tini-static || echo tini-static)" "$root/usr/bin/docker-init"
echo "$root"
