#!/bin/sh
# Becomes systemd, as process 1 of namespaces of its own that have cgroups of version 2 alone. Called by systemd.ts in a cgroup
# of its own. Of this machine's files nothing but $1 can be written, and no unit of the machine's is started: not even
# systemd-tmpfiles, which would empty /tmp.
set -e
mount -t proc proc /proc
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount --bind "$1" "$1"
for place in /run /tmp; do mount -t tmpfs -o mode=755 tmpfs $place; done
mount -o remount,bind,ro /
if touch "/var/tmp/$$" 2>/dev/null; then
  echo 'the machine can be written' >&2
  exit 1
fi
units=/run/systemd/system
mkdir -p $units
printf '[Unit]\nDefaultDependencies=no\nAllowIsolate=yes\n' >$units/alone.target
for unit in sysinit.target basic.target dbus.socket dbus.service systemd-journald.socket systemd-journald.service \
  systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service systemd-tmpfiles-clean.timer; do
  ln -s /dev/null $units/$unit
done
exec env container=other /lib/systemd/systemd --system --unit=alone.target --show-status=no --log-target=console
