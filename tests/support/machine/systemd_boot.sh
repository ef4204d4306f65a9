#!/bin/sh
# Boots a real systemd as PID 1 of namespaces of its own. Everything that it writes goes to a
# layer in memory above this machine's files: nothing outside changes. Started by
# tests/support/machine/systemd.py inside unshare; arguments: pairs of SOURCE TARGET to show inside.
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root
number=0
while [ $# -gt 0 ]; do
    if [ -S "$1" ]; then # reachable through its file only, not through the folder around it
        mkdir -p "$(dirname ".$2")"
        touch ".$2"
        mount --bind "$1" ".$2"
    else # a layer for each, too: it can be written to without changing the source
        number=$((number + 1))
        mkdir -p "/mnt/upper-$number" "/mnt/work-$number" ".$2"
        mount -t overlay overlay -o \
            "lowerdir=$1,upperdir=/mnt/upper-$number,workdir=/mnt/work-$number" ".$2"
    fi
    shift 2
done
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 sys/fs/cgroup
else
    mount -t tmpfs tmpfs sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
fi
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm old-root
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
pivot_root . old-root
umount -l /old-root
# As on any host: credentials reach a service through mounts that propagate.
mount --make-rshared /
# A system with nothing of this machine's own, and nothing that touches its kernel.
rm -rf /etc/systemd/system
mkdir -p /etc/systemd/system
for unit in systemd-sysctl systemd-modules-load systemd-tmpfiles-setup systemd-tmpfiles-setup-dev \
    systemd-tmpfiles-clean systemd-udevd systemd-logind systemd-remount-fs systemd-sysusers \
    systemd-update-utmp; do
    ln -s /dev/null "/etc/systemd/system/$unit.service"
done
for unit in apt-daily apt-daily-upgrade dpkg-db-backup e2scrub_all fstrim man-db; do
    ln -s /dev/null "/etc/systemd/system/$unit.timer"
done
container=trt exec /lib/systemd/systemd --system --unit=basic.target --show-status=no
