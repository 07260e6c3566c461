#!/usr/bin/env bash
# Makes the secrets of docker-compose.yml in the folder `secrets`: those that are missing, each once. Keep a copy of the
# folder where the machine is not: without custody_key nobody can sign for this mailroom any more.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-secrets}
install -d -m 700 "$folder"

# A container reads its secrets under an account of its own; the folder is what keeps them from others.
keep() {
  if [ -s "$folder/$1" ]; then
    cat >/dev/null
  else
    cat >"$folder/$1.new"
    chmod 444 "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
  fi
}
word() { openssl rand -hex 24; }
address() { echo "postgresql://$1:$(word)@database:5432/mailroom"; }

word | keep postgres_password
address mailroom | keep database_url
address mailroom_admin | keep database_admin_url
word | keep s3_root_user
word | keep s3_root_password
word | keep s3_access_key
word | keep s3_secret_key
openssl genpkey -algorithm ed25519 2>/dev/null | keep custody_key
[ -e "$folder/master_keys" ] || install -m 400 /dev/null "$folder/master_keys" # empty: make_master_key.sh puts one in
if [ ! -s "$folder/s3_key" ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=objects \
    -addext subjectAltName=DNS:objects,DNS:localhost,IP:127.0.0.1 -keyout "$folder/.key" -out "$folder/.certificate" 2>/dev/null
  keep s3_certificate <"$folder/.certificate"
  keep s3_key <"$folder/.key"
  rm -f "$folder/.key" "$folder/.certificate"
fi
