#!/bin/sh
# Put the newest backup of a folder back beside, check all of it, and forget those older than five weeks.
set -eu

folder=${1:?usage: drill.sh FOLDER}
here=$(dirname "$0")
command=$here/bin/zinc-hq
[ -x "$command" ] || command=zinc-hq

newest=$(find "$folder" -maxdepth 1 -type f \( -name 'zinc-hq-*.dump' -o -name 'zinc-hq-*.db' -o -name 'zinc-hq-*.zinc' \) | sort | tail -n 1)
if [ -z "$newest" ]; then
    echo "no backup in $folder" >&2
    exit 1
fi
"$command" drill "$newest"
# Only after a drill that went well: what is old is never the last that is good.
find "$folder" -maxdepth 1 -type f -name 'zinc-hq-*' -mtime +35 -delete
