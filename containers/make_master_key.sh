#!/usr/bin/env bash
# Puts a new master key first into secrets/master_keys, for the encryption of what is kept (docs/running-in-containers.md
# says how it is turned on). The image makes it, with no network; the file is the mailroom's own account's alone, because
# the mailroom refuses one that every account may read.
set -euo pipefail
cd "$(dirname "$0")/.."

docker run --rm --network none --user 0:0 --volume "$PWD/secrets:/secrets" --entrypoint /bin/sh \
  "${MAILROOM_IMAGE:-council-mailroom:0.1.0}" -c \
  'mailroom keys make /secrets/master_keys && chown 10001:10001 /secrets/master_keys && chmod 400 /secrets/master_keys'
