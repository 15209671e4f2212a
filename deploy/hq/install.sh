#!/bin/sh
# Put HQ on a Debian 12 server from a checkout; again: brings it up to the checkout. docs/hq.md says the rest.
#   sudo deploy/hq/install.sh [--wheels DIR]
#   sudo deploy/hq/install.sh --uninstall      take the program off; data, backups and settings stay
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
units="zinc-hq.service zinc-hq-backup.timer zinc-hq-drill.timer zinc-hq-night.timer"
wheels=
act=install
case ${1:-} in
    --wheels) wheels=$(cd "${2:?a folder of wheels}" && pwd) ;;
    --uninstall) act=uninstall ;;
    "") ;;
    *) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac

say() { echo "── $*"; }

if [ "$(id -u)" != 0 ]; then
    echo "as root: sudo $0" >&2
    exit 1
fi
# Programs run as other accounts, which may not enter the folder of whoever calls.
cd /

if [ "$act" = uninstall ]; then
    say "services"
    # shellcheck disable=SC2086 # a list of names
    systemctl disable -q --now $units 2>/dev/null || true
    for unit in "$source"/deploy/hq/systemd/*; do rm -f "/etc/systemd/system/${unit##*/}"; done
    systemctl daemon-reload
    say "program"
    rm -rf /opt/zinc-hq /usr/local/sbin/zinc-hq
    say "what stays: the database zinc_hq, /var/lib/zinc-hq (HQ's key), /var/backups/zinc-hq, /etc/zinc-hq, Debian's packages"
    exit 0
fi

say "Debian's packages"
debian() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3-venv postgresql postgresql-client util-linux >/dev/null
}
# A server just made has no list of packages yet.
debian 2>/dev/null || { apt-get update -qq && debian; }

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
/opt/zinc-hq/bin/pip install -q --no-index --no-deps --force-reinstall "$packed"/zinc-*.whl
install -m 0644 "$source/deploy/hq/gunicorn.conf.py" "$source/docs/hq.md" /opt/zinc-hq/
install -m 0755 "$source/deploy/hq/drill.sh" /opt/zinc-hq/
install -m 0755 "$source/deploy/hq/zinc-hq" /usr/local/sbin/

say "settings"
[ -e /etc/zinc-hq/environment ] || install -o root -g zinc-hq -m 0640 "$source/deploy/hq/environment" /etc/zinc-hq/

say "database"
as_postgres() { runuser -u postgres -- "$@"; }
if ! as_postgres psql -Atqc "SELECT 1 FROM pg_roles WHERE rolname = 'zinc-hq'" | grep -q 1; then
    as_postgres createuser --createdb zinc-hq
fi
if ! as_postgres psql -Atqc "SELECT 1 FROM pg_database WHERE datname = 'zinc_hq'" | grep -q 1; then
    # Words are compared byte by byte: nothing here depends on the locale of a server.
    as_postgres createdb --owner zinc-hq --template template0 --encoding UTF8 --locale C.UTF-8 zinc_hq
fi

say "services"
install -m 0644 "$source"/deploy/hq/systemd/* /etc/systemd/system/
systemctl daemon-reload
# shellcheck disable=SC2086 # a list of names
systemctl enable -q $units
# shellcheck disable=SC2086
if ! systemctl restart $units; then
    journalctl -u zinc-hq -n 15 --no-pager -o cat >&2
    echo "HQ does not start: the lines above say why (journalctl -u zinc-hq)" >&2
    exit 1
fi
say "HQ answers; next: a proxy (deploy/hq/Caddyfile), and sudo zinc-hq account NAME"
