#!/bin/bash
# Runs once, when the database is made: three roles, and a database that the first of them owns.
# The service's role gets its privileges from `regledger migrate-schema`, and no others.
set -euo pipefail

psql --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" \
    --set=owner="$(< /run/secrets/owner-password)" \
    --set=writer="$(< /run/secrets/writer-password)" \
    --set=reader="$(< /run/secrets/reader-password)" <<'SQL'
CREATE ROLE regledger_owner LOGIN PASSWORD :'owner';
CREATE ROLE regledger LOGIN PASSWORD :'writer';
CREATE ROLE regledger_reader LOGIN PASSWORD :'reader';
CREATE DATABASE ledger OWNER regledger_owner;
REVOKE ALL ON DATABASE ledger FROM PUBLIC;
GRANT CONNECT ON DATABASE ledger TO regledger, regledger_reader;
SQL
