#!/bin/sh
# Names of the files of the tree, one a line: those that git knows; in an unpacked archive all but
# those of build/.
set -eu

if [ -e .git ]; then
    # the tree may be another user's
    git -c safe.directory='*' ls-files | while read -r f; do [ ! -f "$f" ] || echo "$f"; done
else
    find . -path ./build -prune -o -type f -print | sed 's|^\./||' | sort
fi
