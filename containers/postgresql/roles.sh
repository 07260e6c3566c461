#!/bin/bash
# Makes the two roles of the mailroom and its database, once, when the server begins on an empty volume
# (docs/postgresql.md). Their passwords are the ones that stand in the addresses among the secrets.
set -euo pipefail

password() { sed -E 's|^[a-z+]+://[^:/@]+:([^@]+)@.*$|\1|' "/run/secrets/$1"; }

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set admin="$(password database_admin_url)" --set service="$(password database_url)" <<'SQL'
CREATE ROLE mailroom_admin LOGIN PASSWORD :'admin';
CREATE ROLE mailroom LOGIN PASSWORD :'service';
CREATE DATABASE mailroom OWNER mailroom_admin ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT, TEMPORARY ON DATABASE mailroom FROM PUBLIC;
GRANT CONNECT ON DATABASE mailroom TO mailroom;
SQL
