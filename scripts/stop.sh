#!/bin/sh
# npm stop: end the engine that npm start left running. Containers go on running.
set -eu
pidfile=/run/seaway/seaway.pid

pid=$(cat "$pidfile" 2>/dev/null || true)
# a pid file that a crash has left may name a process that is somebody else's by now
if [ -z "$pid" ] || ! grep -q '^seawayd' "/proc/$pid/comm" 2>/dev/null; then
  echo "the engine does not run"
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  echo "seaway: the engine is root's: run 'sudo npm stop'" >&2
  exit 1
fi
kill -TERM "$pid"
tries=0
while kill -0 "$pid" 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -le 200 ] || { echo "seaway: the engine (process $pid) did not end within 20 s" >&2; exit 1; }
  sleep 0.1
done
echo "the engine has stopped"
