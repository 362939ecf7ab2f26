# Sourced by test.sh: programs that only tests call (Compose, a registry, the docker CLI, shells to complete in),
# where the machine lacks them, a real Docker to compare with (docker-peer.sh), and servers of key-value stores. They are unpacked below
# .cache, not installed: Debian's packages would start daemons on the user's machine. Tests have the launchers/
# of test-tools last on their PATH (vitest.config.ts).

tools=.cache/test-tools

# has_tool COMMAND...: does it run, from the machine or from the folder?
has_tool() { PATH=$PATH:$PWD/$tools/launchers command -v "$1" >/dev/null 2>&1; }

# The Debian packages of what is missing. The CLI is in docker.io itself up to bookworm.
missing_tool_packages() {
  has_tool docker-registry || echo docker-registry
  has_tool docker-compose || docker compose version >/dev/null 2>&1 || echo docker-compose
  has_tool zsh || echo zsh
  has_tool fish || echo fish
  has_tool wg || echo wireguard-tools
  has_tool wireguard-go || echo wireguard-go
  has_tool docker || if apt-cache show docker-cli >/dev/null 2>&1; then echo docker-cli; else echo docker.io; fi
}

# with_dependencies PACKAGE...: these and what they need and the machine lacks, as apt would install them now.
with_dependencies() {
  apt-get install -s -q --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) (.*/\1/p' | sort -u
}

# unpack PACKAGE...: from Debian's archive into the folder; apt checks what it downloads.
unpack() {
  [ $# -gt 0 ] || return 1
  mkdir -p $tools/packages
  (cd $tools/packages && apt-get download -q -o APT::Sandbox::User=root "$@" >/dev/null) || return 1
  for package in $tools/packages/*.deb; do dpkg-deb -x "$package" $tools || return 1; done
  rm -r $tools/packages
}

# launcher PROGRAM: launchers/PROGRAM, which finds the libraries and modules that were unpacked beside it.
launcher() {
  for folder in usr/bin usr/sbin bin usr/libexec/docker/cli-plugins; do
    [ -x "$tools/$folder/$1" ] || continue
    mkdir -p $tools/launchers
    { launcher_head; launcher_call "$folder/$1"; } >"$tools/launchers/$1"
    chmod +x "$tools/launchers/$1"
    return 0
  done
}

launcher_head() {
  cat <<'END'
#!/bin/sh
# made by scripts/test-tools.sh
here=$(cd "$(dirname "$0")/.." && pwd)
for folder in "$here"/usr/lib/*-linux-gnu "$here"/lib/*-linux-gnu; do
  [ ! -d "$folder" ] || LD_LIBRARY_PATH=$folder${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done
export LD_LIBRARY_PATH
END
}

launcher_call() {
  if head -n 1 "$tools/$1" | grep -aq '^#!.*python3'; then
    python=/usr/bin/python3
    [ ! -x "$tools$python" ] || python=\$here$python
    cat <<END
export PYTHONPATH="\$here/usr/lib/python3/dist-packages\${PYTHONPATH:+:\$PYTHONPATH}"
exec "$python" "\$here/$1" "\$@"
END
  else
    printf 'exec "$here/%s" "$@"\n' "$1"
  fi
}

# Servers of key-value stores, of the last Debian suite that has each.
setup_kv_servers() {
  sh scripts/unpack-suite.sh "$PWD/.cache/etcd" trixie etcd-server ||
    say "etcd could not be had from Debian's archive: its tests are skipped"
  sh scripts/unpack-suite.sh "$PWD/.cache/consul" bullseye consul ||
    say "Consul could not be had from Debian's archive: its tests are skipped"
}

# What cannot be had is no error: the tests that need it say in their names that they are skipped.
setup_test_tools() {
  command -v apt-get >/dev/null 2>&1 || return 0
  sh scripts/docker-peer.sh "${SEAWAY_DOCKER_PEER:-trixie}" >/dev/null ||
    say "no Docker to compare with could be had from Debian's archive: the comparisons are skipped"
  setup_kv_servers
  [ -n "$(missing_tool_packages)" ] || return 0
  apt-get update -qq >/dev/null 2>&1 || true
  for package in $(missing_tool_packages | sort -u); do
    say "unpacking $package for the tests"
    # shellcheck disable=SC2046
    unpack $(with_dependencies "$package") ||
      say "$package could not be had from Debian's archive: what needs it is skipped"
  done
  for program in docker docker-compose docker-registry \
    zsh fish wg wireguard-go; do
    has_tool "$program" || launcher "$program"
  done
}
