#!/bin/sh
# Make sure that the browser tests have a Chromium: one that is there, or the system's package where we are root.
set -eu
for each in chromium chromium-browser google-chrome google-chrome-stable; do
  command -v "$each" >/dev/null 2>&1 && exit 0
done
[ -d "/Applications/Google Chrome.app" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Chromium for the browser tests"
  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
if [ "${CI:-}" = true ]; then
  echo "CI needs Chromium for the browser tests, and it could not be installed" >&2
  exit 1
fi
echo "NO CHROMIUM: THE BROWSER TESTS WILL BE SKIPPED (install the package chromium to run them)" >&2
