#!/usr/bin/env bash
# The servers that tests start for themselves: installed where they are missing. Debian and Ubuntu; root or sudo.
# More packages can be asked for: tests/services.sh FILE_OR_COMMAND PACKAGE ...
set -euo pipefail

missing=()
need() { # need FILE_OR_COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || compgen -G "$1" >/dev/null || missing+=("$2")
}

need ps procps
need /usr/lib/dovecot/imap dovecot-imapd
need /usr/sbin/clamd clamav-daemon
need "/usr/lib/postgresql/*/bin/postgres" postgresql
while [ $# -gt 1 ]; do need "$1" "$2"; shift 2; done

# An object store for tests/bucket, in an environment of its own: its packages want older versions of some of ours.
store() {
  local at=build/bucket lock=requirements-bucket.lock
  cd "$(dirname "$0")/.."
  cmp -s "$lock" "$at/installed.lock" && return
  rm -rf "$at"
  "$(command -v python3.11 || command -v python3)" -m venv "$at"
  "$at/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$lock"
  cp "$lock" "$at/installed.lock"
}
[ ${#missing[@]} -gt 0 ] || { store; exit 0; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; }; then
  echo "the tests need these packages, which cannot be installed from here: ${missing[*]}" >&2
  exit 1
fi
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
store
