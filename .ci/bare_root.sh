#!/usr/bin/env bash
# The README's commands where nothing was installed before: a fresh Debian with python3, venv, make and git, as an ordinary user.
#
#   .ci/bare_root.sh CHECKOUT SUITE [COMMAND ...]      SUITE is bookworm (Debian 12), trixie (13) ...
#   .ci/bare_root.sh --possible                        can this machine do it? If not, it says why, and fails
#
# Needs root and mmdebstrap. The commands follow the quick start, as .ci/fresh_clone.py runs them. What pip is told on this
# machine, in files or by the environment, is told there as well; nothing else of this machine is to be seen there.
set -euo pipefail

if [ "$1" = --possible ]; then
    [ "$(id -u)" = 0 ] || { echo "not root"; exit 1; }
    command -v mmdebstrap >/dev/null || { echo "no mmdebstrap (apt-get install mmdebstrap)"; exit 1; }
    unshare --mount --pid --fork true 2>/dev/null || { echo "this root may not mount"; exit 1; }
    exit 0
fi

if [ "$1" != --inside ]; then
    folder=$(mktemp -d /tmp/bare.XXXXXX)
    # mounts and processes in a space of their own: they go with it, however this ends
    unshare --mount --pid --fork --kill-child bash "$0" --inside "$folder" "$@" &
    trap 'kill -KILL $! 2>/dev/null || true; wait; rm -rf --one-file-system "$folder"' EXIT
    trap 'exit 143' INT TERM HUP
    wait $!
    exit
fi

folder=$2 checkout=$(realpath "$3") suite=$4
shift 4
root=$folder/root home=$folder/root/home/newcomer

# where this machine's own packages come from, if it is a Debian; else where mmdebstrap finds them
sources=()
if [ -f /etc/apt/sources.list.d/debian.sources ]; then
    sources=("$folder/debian.sources")
    sed -E "/^Suites:/s/\b(bookworm|trixie|forky)\b/$suite/g" /etc/apt/sources.list.d/debian.sources >"${sources[0]}"
fi
echo "making a bare $suite ..."
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"' "$suite" "$root" "${sources[@]}"

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm"
mount --rbind -o ro /sys "$root/sys"
mount --rbind -o ro /opt "$root/opt" # packages that lie on this machine, if pip is told of any
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
chroot "$root" useradd --create-home newcomer
for place in /etc/pip.conf /etc/xdg/pip; do
    [ ! -e "$place" ] || { mkdir -p "$root$(dirname "$place")" && cp -rL "$place" "$root$place"; }
done
[ ! -f ~/.config/pip/pip.conf ] || install -D ~/.config/pip/pip.conf "$home/.config/pip/pip.conf"
git clone -q --depth 1 "file://$checkout" "$home/source"
chroot "$root" chown -R newcomer: /home/newcomer

told=()
while IFS= read -r -d '' one; do
    [[ $one =~ ^(PIP_[A-Z_]+|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY)= ]] && told+=("$one")
done < <(env -0)
# no cache: it would be thrown away with all the rest
chroot --userspec=newcomer:newcomer "$root" /usr/bin/env -i --chdir=/home/newcomer HOME=/home/newcomer USER=newcomer \
    PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 PIP_NO_CACHE_DIR=1 "${told[@]}" \
    python3 source/.ci/fresh_clone.py source empty "$@"
