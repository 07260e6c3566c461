#!/bin/sh
# Makes the bucket of originals with object lock, and an account that may use it and may lift no lock; again, it changes
# nothing. Ends when it is done: the mailroom waits for that.
set -eu
export MC_CONFIG_DIR=/tmp/mc
mkdir -p "$MC_CONFIG_DIR/certs/CAs"
cp /run/secrets/s3_certificate "$MC_CONFIG_DIR/certs/CAs/objects.crt"
mc alias set --quiet objects https://objects:9000 "$(cat /run/secrets/s3_root_user)" "$(cat /run/secrets/s3_root_password)"
mc mb --quiet --ignore-existing --with-lock objects/originals
mc admin policy create objects mailroom /policy.json
mc admin user add objects "$(cat /run/secrets/s3_access_key)" "$(cat /run/secrets/s3_secret_key)"
mc admin policy attach objects mailroom --user "$(cat /run/secrets/s3_access_key)" ||
  mc admin policy entities objects --user "$(cat /run/secrets/s3_access_key)" | grep -q mailroom
