#!/bin/sh
# tools/setup.sh on machines that lack something, made up by a PATH without it and with programs
# that only pretend to install.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
real_path=$PATH
unset NO_INSTALL
. "$(dirname "$0")/counts.sh"

explain() { echo "exit status $status" && cat "$dir/out"; }
said() { grep -q -- "$1" "$dir/out"; }
called() { grep -q -- "$1" "$dir/calls"; }
never_called() { [ ! -s "$dir/calls" ]; }

# Everything of this machine but zip and what installs.
machine() { # USER-ID TOOL...: id's answer, and which of sudo, apt-get there are
    rm -rf "$dir/bin"
    mkdir "$dir/bin"
    : > "$dir/calls"
    for d in $(echo "$real_path" | tr : ' '); do ln -s "$d"/* "$dir/bin" 2>/dev/null || true; done
    rm -f "$dir/bin/zip" "$dir/bin/sudo" "$dir/bin/apt-get" "$dir/bin/apt-cache" "$dir/bin/id"
    script id "echo $1"
    shift
    for tool in "$@"; do
        case $tool in
        sudo) script sudo "echo sudo \$* >> $dir/calls; [ \$1 = -n ] && shift; exec \"\$@\"" ;;
        apt-get) script apt-cache "exit 0" && packages ;;
        esac
    done
}

# An apt-get that knows no package before `update`, and one that old lists lead astray until then.
packages() {
    rm -f "$dir/lists"
    script apt-get "
        case \$1 in
        -s) [ -e $dir/lists ] && exit ;;
        update) echo apt-get \$* >> $dir/calls; echo new > $dir/lists ;;
        *) echo apt-get \$* >> $dir/calls; grep -q new $dir/lists || exit 100
           ln -sf \$(PATH=$real_path command -v zip) $dir/bin/zip ;;
        esac"
}
script() { printf '#!/bin/sh\n%s\n' "$2" > "$dir/bin/$1" && chmod +x "$dir/bin/$1"; }

setup() { # VARIABLE=VALUE... OPTION...
    env PATH="$dir/bin" "$@" > "$dir/out" 2>&1 && status=0 || status=$?
}

commands_printed() { [ "$(grep -c '^+ ' "$dir/out")" = "$1" ]; }

machine 0 apt-get
setup tools/setup.sh
check "root installs" called 'apt-get install -y .*zip'
check "lists are fetched, in the one command that is printed" \
    said '^+ apt-get update && env .*apt-get install -y .*zip'
check "there is one command" commands_printed 1
check "root's exit status" [ "$status" = 0 ]
setup tools/setup.sh
check "nothing is missing then" [ "$status" = 0 ]
check "and nothing is said" [ ! -s "$dir/out" ]

machine 0 apt-get
echo new > "$dir/lists"
setup tools/setup.sh
check "lists that know the packages are not fetched" said '^+ env .*apt-get install -y .*zip'
check "root's exit status" [ "$status" = 0 ]

machine 0 apt-get
echo old > "$dir/lists"
setup tools/setup.sh
check "lists that lead astray are fetched" said '^+ apt-get update && '
check "after one try without" commands_printed 2
check "and then it is installed" [ "$status" = 0 ]

machine 0 apt-get
setup NO_INSTALL=1 tools/setup.sh
check "NO_INSTALL=1 installs nothing" never_called
check "NO_INSTALL=1 names the package" said 'missing.*zip'
check "NO_INSTALL=1 fails" [ "$status" = 1 ]
setup tools/setup.sh --check
check "--check installs nothing" never_called
check "--check fails" [ "$status" = 1 ]
setup tools/setup.sh --check build
check "zip is not needed for a build" [ "$status" = 0 ]

machine 1000 apt-get
setup tools/setup.sh
check "a user without sudo installs nothing" never_called
check "a user without sudo is told the command" said 'apt-get install -y .*zip'
check "a user without sudo fails" [ "$status" = 1 ]

machine 1000 apt-get sudo
setup tools/setup.sh
check "a user with sudo fetches lists" called '^sudo -n apt-get update'
check "a user with sudo installs" called '^sudo -n env .*apt-get install'
check "a user with sudo succeeds" [ "$status" = 0 ]

machine 0
setup tools/setup.sh
check "another system is told the names" said 'missing.*zip'
check "another system fails" [ "$status" = 1 ]
ln -s "$(command -v zip)" "$dir/bin/zip"
setup tools/setup.sh
check "another system with everything goes on" [ "$status" = 0 ]

finish
