#!/bin/sh
# Make the pin files anew, for every platform at once, with hashes and without the name of any index.
# Usage: pins/compile.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"
common="--quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate"
# shellcheck disable=SC2086  # the options are words on purpose
"$uv" pip compile $common "$@" --extra dev pyproject.toml -o pins/dev.txt
# shellcheck disable=SC2086
"$uv" pip compile $common --extra lab --extra build -c pins/dev.txt pyproject.toml -o pins/lab.txt
