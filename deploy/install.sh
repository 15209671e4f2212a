#!/bin/sh
# Put Zinc on a box: Debian 12 or later, Raspberry Pi OS 64-bit. Told in docs/box.md.
#
#   sudo ./deploy/install.sh                  install, or bring up to this checkout; again changes nothing
#   sudo ./deploy/install.sh --no-screen      a box without a screen of its own
#   sudo ./deploy/install.sh --wheels DIR     take the Python packages from a folder: no line needed
#   sudo ./deploy/install.sh --uninstall      take Zinc off; the café's files stay, and it says where
#   ./deploy/install.sh --root DIR            only lay the files under DIR: for images and for a look
#   sudo ./deploy/install.sh --check          say what is installed, and whether it is whole
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(dirname "$here")
root=""
act=install
screen=yes
wheels=""
changed=no

say() { printf '%s\n' "$*"; }
step() { printf '── %s\n' "$*"; }
stop() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --uninstall) act=uninstall ;;
    --check) act=check ;;
    --no-screen) screen=no ;;
    --wheels) wheels=$(cd "${2:?--wheels DIR}" && pwd) && shift ;;
    --root) root=${2:?--root DIR} && act=lay && shift ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

# ── what is laid where: `<file of the checkout> <place> <mode>`, a line each ────────────────────
box_files() {
  cat <<LIST
deploy/cafe.toml /opt/zinc/box/cafe.toml 644
cafe.example.toml /opt/zinc/box/cafe.example.toml 644
docs/box.md /opt/zinc/box/box.md 644
deploy/bin/zinc /usr/local/bin/zinc 755
deploy/etc/sysusers.conf /usr/lib/sysusers.d/zinc.conf 644
deploy/etc/tmpfiles.conf /usr/lib/tmpfiles.d/zinc.conf 644
deploy/etc/modules-load.conf /etc/modules-load.d/zinc.conf 644
deploy/etc/journald.conf /etc/systemd/journald.conf.d/50-zinc.conf 644
deploy/etc/system.conf /etc/systemd/system.conf.d/50-zinc.conf 644
deploy/etc/sysctl.conf /etc/sysctl.d/60-zinc.conf 644
LIST
  # Units, rules and programs of the box are whatever the checkout brings.
  for file in "$here"/systemd/*; do
    case ${file##*/} in
      zinc-screen.service) ;;
      *) echo "deploy/systemd/${file##*/} /etc/systemd/system/${file##*/} 644" ;;
    esac
  done
  for file in "$here"/udev/*.rules; do
    echo "deploy/udev/${file##*/} /etc/udev/rules.d/${file##*/} 644"
  done
  for file in "$here"/libexec/*; do
    if [ -f "$file" ]; then echo "deploy/libexec/${file##*/} /opt/zinc/box/${file##*/} 755"; fi
  done
}

screen_files() {
  cat <<LIST
deploy/systemd/zinc-screen.service /etc/systemd/system/zinc-screen.service 644
deploy/screen/zinc-screen /opt/zinc/box/zinc-screen 755
deploy/screen/zinc-screens /opt/zinc/box/zinc-screens 755
deploy/screen/wait.html /opt/zinc/box/wait.html 644
deploy/etc/chromium-policy.json /etc/chromium/policies/managed/zinc.json 644
deploy/etc/chromium-policy.json /etc/chromium-browser/policies/managed/zinc.json 644
LIST
}

all_files() {
  box_files
  if [ "$screen" = yes ]; then screen_files; fi
}

lay_files() {
  step "Files of the box"
  all_files >"$work/files"
  while read -r from to mode; do
    if cmp -s "$tree/$from" "$root$to"; then continue; fi
    install -D -m "$mode" "$tree/$from" "$root$to"
    changed=yes
    say "   $to"
  done <"$work/files"
  # The café's own settings are written once, then left to the café.
  if [ ! -e "$root/etc/zinc/cafe.toml" ]; then
    install -D -m 640 "$here/cafe.toml" "$root/etc/zinc/cafe.toml"
    say "   /etc/zinc/cafe.toml (yours to change)"
  fi
}

# ── the machine ─────────────────────────────────────────────────────────────────────────────────
look_at_machine() {
  [ "$(id -u)" -eq 0 ] || stop "This writes to the system: sudo $0"
  command -v apt-get >/dev/null || stop "This is for Debian 12 or Raspberry Pi OS: there is no apt-get here."
  case $(dpkg --print-architecture) in
    arm64 | amd64) ;;
    *) stop "A 64-bit system is needed: Raspberry Pi OS (64-bit), or Debian for amd64 or arm64." ;;
  esac
}

# Whether systemd runs here: not in an image being built.
alive() { [ -d /run/systemd/system ]; }

has_package() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

packages() {
  wanted="python3 python3-venv udev"
  if [ "$screen" = yes ]; then
    # Debian's cage does not start without Xwayland.
    wanted="$wanted cage seatd xwayland kbd"
    if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null; then wanted="$wanted chromium"; fi
    # The browser's own French: without it a date is typed month first.
    if has_package chromium-browser; then wanted="$wanted chromium-browser-l10n"; else wanted="$wanted chromium-l10n"; fi
  fi
  # Something must set the clock when there is a line; whichever is there stays.
  if ! has_package systemd-timesyncd && ! has_package chrony && ! has_package ntpsec; then
    wanted="$wanted systemd-timesyncd"
  fi
  missing=""
  for package in $wanted; do
    if ! has_package "$package"; then missing="$missing $package"; fi
  done
  step "Debian packages"
  if [ -z "$missing" ]; then
    say "   all there"
    return
  fi
  say "  $missing"
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list of names
  apt-get install -y -qq --no-install-recommends $missing >"$work/apt" 2>&1 || {
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >"$work/apt" 2>&1 || {
      cat "$work/apt" >&2
      stop "Debian's packages could not be installed: is there a line?"
    }
  }
}

accounts() {
  step "Accounts"
  systemd-sysusers /usr/lib/sysusers.d/zinc.conf
  systemd-tmpfiles --create /usr/lib/tmpfiles.d/zinc.conf
  say "   zinc, zinc-screen"
}

# ── the program: two slots, the one that runs is never written to ───────────────────────────────
active_slot() { readlink /opt/zinc/current 2>/dev/null || true; }

other_slot() {
  case $(active_slot) in
    */a) echo slots/b ;;
    *) echo slots/a ;;
  esac
}

# What a slot made of this checkout, these pins and this Python is stamped with.
mark() { { cat "$tree/deps/run.lock" "$1" && python3 --version; } | sha256sum | cut -d ' ' -f 1; }

program() {
  step "The program"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "Python 3.11 or later is needed: Debian 12."
  wheel=$(python3 "$tree/tools/wheel.py" "$work/wheel")
  stamp=$(mark "$wheel")
  slot=$(active_slot)
  if [ -n "$slot" ] && [ "$(cat "/opt/zinc/$slot/zinc.stamp" 2>/dev/null)" = "$stamp" ]; then
    say "   /opt/zinc/$slot holds this version already"
    return
  fi
  slot=$(other_slot)
  say "   into /opt/zinc/$slot (a minute or two on a small box)"
  rm -rf "/opt/zinc/$slot"
  mkdir -p /opt/zinc/slots
  python3 -m venv "/opt/zinc/$slot"
  fill "/opt/zinc/$slot" "$wheel"
  # All that a screen needs is loaded once: a package that is missing is found here, not in the morning.
  "/opt/zinc/$slot/bin/python" -c 'import kiosk.cli, kiosk.app' || stop "What was installed does not start."
  echo "$stamp" >"/opt/zinc/$slot/zinc.stamp"
  # On the disk before the link leads there: a power cut leaves the old slot, or the new one whole.
  sync
  ln -sfn "$slot" /opt/zinc/current.new
  mv -T /opt/zinc/current.new /opt/zinc/current
  sync
  changed=yes
  say "   $(/opt/zinc/current/bin/zinc --version)"
}

# What updates the slots stands beside them, so that it starts whatever they hold (docs/box.md, Updates).
updater() { (cd / && /opt/zinc/current/bin/python -m kiosk.updater place); }

fill() {
  if [ -n "$wheels" ]; then
    PIP_NO_INDEX=1 PIP_FIND_LINKS=$wheels PIP_CONFIG_FILE=/dev/null install_pins "$1" || stop "The folder lacks packages."
  else
    # A machine's extra index may serve other files under the same names: Raspberry Pi OS does.
    install_pins "$1" || PIP_CONFIG_FILE=/dev/null install_pins "$1" || stop "The Python packages could not be installed."
  fi
  PIP_NO_INDEX=1 "$1/bin/python" -m pip install --disable-pip-version-check --no-input --quiet --no-deps "$2"
}

install_pins() {
  "$1/bin/python" -m pip install --disable-pip-version-check --no-input --quiet --no-cache-dir \
    --only-binary :all: --require-hashes -r "$tree/deps/run.lock"
}

# ── services ────────────────────────────────────────────────────────────────────────────────────
units() {
  for file in "$here"/systemd/*; do
    name=${file##*/}
    case $name in
      zinc-screen.service) if [ "$screen" = yes ]; then echo "$name"; fi ;;
      zinc.service | *.timer | *.path) echo "$name" ;;
    esac
  done
}

begin() {
  step "Services"
  if [ "$screen" = yes ] && has_desktop; then
    say "   the desktop leaves the screen to the till (sudo systemctl set-default graphical.target brings it back)"
    mkdir -p /etc/zinc
    [ -e /etc/zinc/target-before ] || systemctl get-default >/etc/zinc/target-before
    systemctl set-default multi-user.target >/dev/null 2>&1
  fi
  for unit in $(units); do
    systemctl enable "$unit" >/dev/null 2>&1
    say "   $unit"
  done
  if ! alive; then
    say "   (they start with the machine: systemd does not run here)"
    return
  fi
  systemctl daemon-reload
  udevadm control --reload && udevadm trigger --subsystem-match=tty --subsystem-match=usbmisc
  modprobe -a usblp cdc_acm usbserial 2>/dev/null || true
  sysctl -q -p /etc/sysctl.d/60-zinc.conf 2>/dev/null || true
  for unit in $(units); do
    case $unit in
      zinc-screen.service) [ -e /dev/tty0 ] || continue ;;
    esac
    if [ "$changed" = yes ] || ! systemctl is-active -q "$unit"; then systemctl restart "$unit"; fi
  done
}

has_desktop() { [ -e /etc/systemd/system/display-manager.service ] && systemctl get-default | grep -q graphical; }

finish() {
  say
  if [ "$changed" = no ]; then say "Nothing had to change."; fi
  say "The till:     http://127.0.0.1:8080 (on the screen of the box)"
  say "Its files:    /var/lib/zinc/cafe     its settings: /etc/zinc/cafe.toml"
  say "Its log:      journalctl -u zinc -e"
  say "Next:         the till asks for the code of your coordinator"
  if [ "$changed" = yes ] && [ -e /boot/firmware/cmdline.txt ] && ! grep -q cgroup_enable=memory /boot/firmware/cmdline.txt; then
    say "Once:         limits of memory need « cgroup_enable=memory » in /boot/firmware/cmdline.txt (docs/box.md)"
  fi
}

# ── off ─────────────────────────────────────────────────────────────────────────────────────────
uninstall() {
  step "Services"
  for file in "$here"/systemd/*; do
    systemctl disable "${file##*/}" >/dev/null 2>&1 || true
    if alive; then systemctl stop "${file##*/}" 2>/dev/null || true; fi
  done
  step "Files of the box"
  screen=yes
  all_files >"$work/files"
  while read -r _from to _mode; do
    rm -f "$to"
  done <"$work/files"
  rm -rf /opt/zinc
  for folder in /etc/systemd/journald.conf.d /etc/systemd/system.conf.d /etc/chromium-browser/policies/managed \
    /etc/chromium-browser/policies /etc/chromium-browser; do
    rmdir "$folder" 2>/dev/null || true
  done
  if [ -s /etc/zinc/target-before ]; then
    systemctl set-default "$(cat /etc/zinc/target-before)" >/dev/null 2>&1 || true
    rm -f /etc/zinc/target-before
  fi
  if alive; then
    systemctl daemon-reload
    udevadm control --reload 2>/dev/null || true
  fi
  say
  say "Zinc is off this box. What stays, and belongs to the café:"
  say "  /var/lib/zinc   sales, keys, backups: the law asks for six years of them"
  say "  /etc/zinc       settings"
  say "The accounts zinc and zinc-screen stay too: they own those files. Debian's packages stay."
}

check() {
  missing=0
  all_files >"$work/files"
  while read -r from to _mode; do
    if [ ! -e "$to" ]; then
      say "missing    $to" && missing=1
    elif ! cmp -s "$tree/$from" "$to"; then
      say "differs    $to" && missing=1
    fi
  done <"$work/files"
  for name in /opt/zinc/current/bin/zinc /var/lib/zinc /etc/zinc/cafe.toml; do
    if [ ! -e "$name" ]; then say "missing    $name" && missing=1; fi
  done
  if [ "$missing" -eq 0 ]; then say "whole      $(/opt/zinc/current/bin/zinc --version) in /opt/zinc/$(active_slot)"; fi
  return "$missing"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

case $act in
  lay) lay_files ;;
  uninstall)
    look_at_machine
    uninstall
    ;;
  check) check ;;
  install)
    look_at_machine
    packages
    lay_files
    accounts
    program
    updater
    begin
    finish
    ;;
esac
