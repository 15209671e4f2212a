#!/bin/sh
# Put HQ on a Debian 12 server from a checkout; again: brings it up to the checkout. docs/hq.md says the rest.
#   sudo deploy/hq/install.sh [--wheels DIR]
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
wheels=
[ "${1:-}" = --wheels ] && wheels=${2:?a folder of wheels}

say() { echo "── $*"; }

if [ "$(id -u)" != 0 ]; then
    echo "as root: sudo $0" >&2
    exit 1
fi

say "Debian's packages"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv postgresql postgresql-client >/dev/null

say "account and folders"
id zinc-hq >/dev/null 2>&1 || useradd --system --home-dir /var/lib/zinc-hq --shell /usr/sbin/nologin zinc-hq
install -d -o zinc-hq -g zinc-hq -m 0700 /var/lib/zinc-hq /var/backups/zinc-hq
install -d -o root -g zinc-hq -m 0750 /etc/zinc-hq

say "program"
[ -x /opt/zinc-hq/bin/python ] || python3 -m venv /opt/zinc-hq
packed=$(mktemp -d)
trap 'rm -rf "$packed"' EXIT
/opt/zinc-hq/bin/python "$source/tools/wheel.py" "$packed" >/dev/null
if [ -n "$wheels" ]; then
    PIP_FIND_LINKS="$wheels" /opt/zinc-hq/bin/pip install -q --no-index --require-hashes -r "$source/deps/run.lock"
else
    /opt/zinc-hq/bin/pip install -q --only-binary :all: --require-hashes -r "$source/deps/run.lock"
fi
/opt/zinc-hq/bin/pip install -q --no-deps --force-reinstall "$packed"/zinc-*.whl
install -m 0644 "$source/deploy/hq/gunicorn.conf.py" "$source/docs/hq.md" /opt/zinc-hq/
install -m 0755 "$source/deploy/hq/drill.sh" /opt/zinc-hq/

say "settings"
[ -e /etc/zinc-hq/environment ] || install -o root -g zinc-hq -m 0640 "$source/deploy/hq/environment" /etc/zinc-hq/

say "database"
if ! runuser -u postgres -- psql -Atqc "SELECT 1 FROM pg_roles WHERE rolname = 'zinc-hq'" | grep -q 1; then
    runuser -u postgres -- createuser --createdb zinc-hq
fi
if ! runuser -u postgres -- psql -Atqc "SELECT 1 FROM pg_database WHERE datname = 'zinc_hq'" | grep -q 1; then
    # Words are compared byte by byte: nothing here depends on the locale of a server.
    runuser -u postgres -- createdb --owner zinc-hq --template template0 --encoding UTF8 --locale C.UTF-8 zinc_hq
fi

say "services"
install -m 0644 "$source"/deploy/hq/systemd/* /etc/systemd/system/
systemctl daemon-reload
systemctl enable -q --now zinc-hq.service zinc-hq-backup.timer zinc-hq-drill.timer zinc-hq-night.timer
systemctl restart zinc-hq.service
say "HQ answers on 127.0.0.1:8090; next: a proxy (deploy/hq/Caddyfile), and zinc-hq account NAME"
