#!/bin/busybox sh
# The guest's first process: modules, D-Bus, the bridge to the radio, BlueZ, the syncs, the end.
/bin/busybox --install -s /busybox
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/busybox
export PYTHONPATH=/opt/code:/opt/site PYTHONDONTWRITEBYTECODE=1
export HOME=/root TZ=UTC LANG=C.UTF-8

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
for module in $(cat /modules/order); do insmod "/modules/$module.ko"; done
ip link set lo up

mkdir -p /run/dbus
dbus-daemon --system --fork
python3 -S /opt/code/guest/hci_bridge.py 2>/run/bridge.err &
/usr/libexec/bluetooth/bluetoothd 2>/run/bluetoothd.err &

python3 /opt/code/guest/five_syncs.py || cat /run/*.err
sync
echo o >/proc/sysrq-trigger
sleep 60
