#!/bin/sh
# npm start: install what is missing, build, start the engine, take the tour, leave the engine running.
# What the host itself lacks is told before anything outside of this folder is changed.
set -eu
cd "$(dirname "$0")/.."
. scripts/setup.sh

[ "$(uname -s)" = Linux ] || die "networks and containers are Linux's: run this on a Linux machine"
is_root || die "networks are made by root: run 'sudo npm start'"
may_make_networks ||
  die "root lacks CAP_NET_ADMIN here: run this on the host itself or in a container with --privileged"

socket=/run/seaway/engine.sock
log=/var/log/seaway.log
# the engine of this socket is meant, whatever the user's own settings say
export SEAWAY_HOST=unix://$socket
unset DOCKER_API_VERSION

answers() { bin/seaway version >/dev/null 2>&1; }

start_engine() {
  setsid bin/seawayd >>"$log" 2>&1 </dev/null &
  started=$!
  tries=0
  until answers; do
    tries=$((tries + 1))
    if [ "$tries" -gt 150 ] || ! kill -0 "$started" 2>/dev/null; then
      tail -n 5 "$log" >&2
      die "the engine did not start; its log is $log"
    fi
    sleep 0.1
  done
}

setup_modules
build
if answers && [ -n "$built" ]; then
  say "the engine restarts with what was built; containers go on running"
  sh scripts/stop.sh
fi
if answers; then
  setup_system
  setup_etcd
  say "the engine runs already"
else
  bin/seawayd --check || exit 1
  setup_system
  setup_etcd
  say "starting the engine"
  start_engine
fi
sh scripts/tour.sh || die "the tour went wrong; the engine goes on running, and its log is $log"
cat <<END

The engine goes on running in the background; its log is $log. Use it by

    export DOCKER_HOST=unix://$socket     # for docker, docker compose, Testcontainers ...
    $PWD/bin/seaway --help                # the same without the docker CLI

and stop it by 'npm stop' (containers that run go on running).
END
