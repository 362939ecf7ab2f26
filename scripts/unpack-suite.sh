#!/bin/sh
# unpack-suite.sh FOLDER SUITE PACKAGE...: unpack packages of a Debian suite into a folder, without what they need. Nothing is
# installed. A folder that is complete stays as it is.
set -eu
root=$1 suite=$2
shift 2
state=$root/.apt
if [ -f "$root/.complete" ]; then exit; fi
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
(cd "$state/cache/archives" && apt download "$@" >&2 &&
  for package in ./*.deb; do dpkg-deb -x "$package" "$root"; done)
rm -rf "$state"
touch "$root/.complete"
