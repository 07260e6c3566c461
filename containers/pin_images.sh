#!/usr/bin/env bash
# Prints the images of docker-compose.yml and of the Dockerfiles with the digests that their tags have now, as lines for
# `.env`: once they stand there, the same bytes are run on every machine. Needs Docker and the way to its registries.
set -euo pipefail
cd "$(dirname "$0")/.."

pinned() {
  digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$2")
  echo "$1=$2@$digest"
}

sed -nE 's/^ *image: \$\{([A-Z_]+):-(docker\.io[^}]+)\}.*/\1 \2/p' docker-compose.yml | sort -u | while read -r name image; do
  pinned "$name" "$image"
done
pinned MAILROOM_BASE "$(sed -n 's/^ARG BASE=//p' Dockerfile)"
pinned POSTFIX_BASE "$(sed -n 's/^ARG BASE=//p' containers/postfix/Dockerfile)"
