#!/usr/bin/env bash
# Installs whatever is missing: system packages (as root or with sudo), then the locked Python packages into .venv.
# Called by make; quick when nothing is missing. A package that cannot be installed is named, with what to do about it.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(grep -v '^#' setup/system-packages.txt)
missing=$(for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || echo "$package"
done)
if [ -n "$missing" ]; then
  if [ "$(id -u)" -eq 0 ]; then as_root=""
  elif command -v sudo >/dev/null; then as_root="sudo"
  else
    echo "These system packages are missing, and there is neither root nor sudo here to install them:" >&2
    echo "$missing" >&2
    echo "Ask an administrator to run:  apt-get install" $missing >&2
    exit 1
  fi
  echo "Installing system packages:" $missing
  # servers that tests start by themselves are not to be started, or set up, for the whole machine as well
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod +x "$policy"
    trap '$as_root rm -f "$policy"' EXIT
  fi
  $as_root apt-get update -q >/dev/null
  command -v debconf-set-selections >/dev/null &&
    echo "postfix postfix/main_mailer_type select No configuration" | $as_root debconf-set-selections
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
fi

python=${PYTHON:-python3}
"$python" - <<'CHECK' || { echo "Python 3.11 or newer is needed; $("$python" --version) is here. Name another with PYTHON=..." >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
CHECK
stamp=.venv/.installed-from
wanted=$(cat requirements-dev.lock pyproject.toml | sha256sum)
if [ ! -x .venv/bin/python ] || [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  echo "Installing Python packages into .venv"
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -e .
  echo "$wanted" >"$stamp"
fi
setup/assets.sh
