#!/bin/sh
# Run in new mount and network namespaces: makes $1/root their root, with $1 visible in it under the same path, and holds
# them for as long as standard input is open. Nothing here is seen outside.
set -e
peers=$1
root=$peers/root
mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root$peers" "$root/.old"
mount --rbind /proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount --bind "$peers" "$root$peers"
cd "$root"
pivot_root . .old
umount -l /.old
# crun refuses version 2 of cgroups beside version 1.
umount /sys/fs/cgroup/unified 2>/dev/null || true
ip link set lo up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo ready
exec cat
