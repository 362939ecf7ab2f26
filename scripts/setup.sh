# Sourced by start.sh and test.sh in the project's folder: install what is missing, and build. Every step
# looks first, so that a second run takes seconds and needs no network.

. bin/find-node.sh
# `su` leaves a user's path to root; and what npm puts first is put first without npm too
PATH=$PWD/node_modules/.bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf '%s\n' "$*"; }
die() { printf 'seaway: %s\n' "$*" >&2; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Whether this process may make networks: CAP_NET_ADMIN is bit 12 (linux/capability.h).
may_make_networks() {
  capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
  [ $((0x${capabilities:-0} >> 12 & 1)) = 1 ]
}

# install_packages NAME... by apt; one sentence where that cannot be.
install_packages() {
  command -v apt-get >/dev/null 2>&1 ||
    die "these are missing, and there is no apt-get to install them with: $*; install them and try again"
  say "installing $*"
  output=$(mktemp)
  # a source of packages that is out of order need not be the one that is needed
  apt-get update -qq >"$output" 2>&1 || true
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=60 "$@" >>"$output" 2>&1 </dev/null; then
    tail -n 5 "$output" >&2
    rm -f "$output"
    die "apt-get could not install $*: see above"
  fi
  rm -f "$output"
}

# The npm packages, among them the Node.js that everything then runs on.
setup_modules() {
  if ! cmp -s package-lock.json node_modules/.seaway-lock; then
    command -v npm >/dev/null 2>&1 || die "npm is missing: install Node.js 20 or later with npm"
    [ -w . ] || die "npm packages have to be installed, and $(id -un) may not write to $PWD"
    say "installing npm packages"
    # npm 10 without a network says so, and ends with 0: its own list of what it installed is missing then
    { npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null &&
      [ -f node_modules/.package-lock.json ]; } || die "npm ci failed: see above"
  fi
  setup_node
  cmp -s package-lock.json node_modules/.seaway-lock || cp package-lock.json node_modules/.seaway-lock
}

# Makes sure that node is one that runs the project, here and for the tools that start with `env node`.
setup_node() {
  if ! found=$(find_node .) && lacks_libatomic; then
    is_root || die "the Node.js that comes along needs libatomic1: install it ('apt-get install libatomic1')"
    install_packages libatomic1
    found=$(find_node .) || found=
  fi
  [ -n "$found" ] ||
    die "there is no Node.js that runs here: the one that comes along needs glibc on x64 or arm64; install Node.js 24 or later"
  # npm 10 takes .bin/node away again together with the package of the other architecture, which has it too
  case $found in
    ./node_modules/*) [ -x node_modules/.bin/node ] || ln -sf "../${found#./node_modules/}" node_modules/.bin/node ;;
  esac
}

# The pinned Node.js is linked with it; a minimal Debian does not have it.
lacks_libatomic() { ldd node_modules/node-linux-*/bin/node 2>/dev/null | grep -q 'libatomic.*not found'; }

# One bundle per program, so that a command starts fast. Sets $built where there was something to do.
build() {
  built=
  if [ -f dist/seawayd.js ] &&
    [ -z "$(find src packages/client/src scripts/build.ts scripts/build-page.ts package-lock.json -newer dist/seawayd.js -print | head -n 1)" ]; then
    return 0
  fi
  say "building"
  node scripts/build.ts || die "the build failed: see above"
  built=yes
}

# The Debian packages behind what the engine calls or loads, those that are not there.
missing_packages() {
  command -v runc >/dev/null 2>&1 || echo runc
  command -v conmon >/dev/null 2>&1 || echo conmon
  command -v iptables-restore >/dev/null 2>&1 || echo iptables
  command -v nft >/dev/null 2>&1 || echo nftables
  ldconfig -p 2>/dev/null | grep -q 'libnftables\.so\.1' || echo libnftables1
  # filters of `seaway capture`
  ldconfig -p 2>/dev/null | grep -q 'libpcap\.so\.0\.8' || echo libpcap0.8
  command -v ip >/dev/null 2>&1 || echo iproute2
  command -v skopeo >/dev/null 2>&1 || echo skopeo
  # `docker top` calls ps; `docker run --init` starts tini; archives may come compressed by xz or bzip2
  command -v ps >/dev/null 2>&1 || echo procps
  command -v docker-init >/dev/null 2>&1 || command -v tini-static >/dev/null 2>&1 || echo tini
  command -v xz >/dev/null 2>&1 || echo xz-utils
  command -v bzip2 >/dev/null 2>&1 || echo bzip2
  # the built-in image needs one that is linked statically
  { [ -x /bin/busybox ] && ! ldd /bin/busybox 2>&1 | grep -q '=>'; } || echo busybox-static
}

# Managers of a swarm keep its state in etcd: the package is unpacked, so that no service of it is started. Without it all
# but swarm mode works.
setup_etcd() {
  command -v etcd >/dev/null 2>&1 && return 0
  command -v apt-get >/dev/null 2>&1 || return 0
  sh scripts/unpack-suite.sh "$PWD/.cache/etcd" trixie etcd-server ||
    say "etcd could not be had from Debian's archive: this host cannot be a manager of a swarm"
}

# What only the tests call; what is not to be installed on a user's machine: test-tools.sh.
missing_test_packages() {
  command -v zstd >/dev/null 2>&1 || echo zstd
  command -v dnsmasq >/dev/null 2>&1 || echo dnsmasq-base
}

# Installs what missing_packages names, and what the tests call where the argument is `tests`.
setup_system() {
  wanted=$(missing_packages; [ "${1:-}" != tests ] || missing_test_packages)
  [ -n "$wanted" ] || return 0
  # shellcheck disable=SC2086
  install_packages $wanted
  wanted=$(missing_packages | tr '\n' ' ')
  [ -z "$wanted" ] || die "these are still missing after they were installed: ${wanted% }"
}
