#!/bin/sh
# The tour: a network, two containers that find each other by name, a published port. Each step prints
# the command it stands for and its real output; at the end everything is taken away again.
set -eu
cd "$(dirname "$0")/.."

step() { printf '\n\033[1m# %s\033[0m\n' "$1"; }
run() { printf '$ %s\n' "$*"; bin/"$@"; }
clean() { bin/seaway rm -f tour-web tour-client >/dev/null 2>&1 || true; bin/seaway network rm tour >/dev/null 2>&1 || true; }
trap clean EXIT
clean

step 'A network of its own: a bridge, a subnet that nothing else uses'
run seaway network create tour
step 'Two containers on it'
run seaway run -d --name tour-web --network tour -p 8080:80 busybox sh -c 'echo "hello from tour-web" > /var/www/index.html; httpd -f -p 80 -h /var/www'
run seaway run -d --name tour-client --network tour busybox sleep 600
step 'The one finds the other by name'
run seaway exec tour-client nslookup -type=a tour-web
run seaway exec tour-client ping -c 2 tour-web
step 'The published port answers on the host'
run seaway port tour-web
printf '$ %s\n' 'curl http://127.0.0.1:8080/'
node_modules/.bin/node -e 'fetch("http://127.0.0.1:8080/").then((r) => r.text()).then((t) => process.stdout.write(t))'
step 'What the network looks like'
run seaway network inspect tour
step 'And away with it'
run seaway rm -f tour-web tour-client
run seaway network rm tour
