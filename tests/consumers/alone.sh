#!/bin/sh
# alone.sh DIR CACHE HOST ADDRESSES COMMAND...
#
# The inside of tests/it/consumers.rs's sandbox, as process 1 of fresh network,
# mount, process and host name spaces: a `lo` that carries ADDRESSES and is all the
# network there is, and a copy of the machine's file system that forgets every
# write outside DIR. Nothing that runs here can reach, or change, the machine.
set -eu
dir=$1 cache=$2 host=$3 addresses=$4 drivers=$(cd "$(dirname "$0")" && pwd)
shift 4

hostname "$host"
ip link set lo up
for address in $addresses; do
  case $address in
    127.* | ::1) ;;
    *:*) ip -6 address add "$address/128" dev lo nodad ;;
    *) ip address add "$address/32" dev lo ;;
  esac
done

mount --make-rprivate /
# Any folder would do: this one is hidden from the tools in any case.
layers=/run
mount -t tmpfs tmpfs "$layers"
mkdir "$layers/upper" "$layers/work" "$layers/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layers/upper,workdir=$layers/work" "$layers/root"
root=$layers/root
# Sockets of the machine's own daemons live in these two.
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
printf '%s\n' "$host" > "$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost\n' "$host" > "$root/etc/hosts"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
# Two sandboxes have processes of one number, after which faketime names its semaphores.
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
for shared in "$dir" "$cache" "$drivers"; do
  [ -d "$shared" ] || continue
  mkdir -p "$root$shared"
  mount --bind "$shared" "$root$shared"
done
for shared in "$cache" "$drivers"; do
  [ ! -d "$shared" ] || mount -o remount,bind,ro "$root$shared"
done

# What DIR/root holds stands on the machine, at its own path.
[ ! -d "$dir/root" ] || cp -R "$dir/root/." "$root/"

# Not `exec COMMAND`: process 1 ignores signals that it has no handler for.
# shellcheck disable=SC2016 # the words are for the inner shell
chroot "$root" /bin/sh -c 'cd "$0" && "$@"' "$dir" "$@"
