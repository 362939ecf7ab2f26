# Sourced. find_node FOLDER prints the Node.js that runs the programs of the checkout in FOLDER: the one
# that came along with the npm packages, else the system's if it is recent enough; fails where neither is.
find_node() {
  for candidate in "$1"/node_modules/node-linux-*/bin/node; do
    # it may be another architecture's, or need another C library
    if "$candidate" --version >/dev/null 2>&1; then printf '%s\n' "$candidate"; return 0; fi
  done
  candidate=$(command -v node) || return 1
  major=$("$candidate" --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
  [ "${major:-0}" -ge 24 ] && printf '%s\n' "$candidate"
}
