/** What an image is made of, in words: Debian's packages, what is switched on and off, how its kernel is started. Pure. */
import { DISK_SIGNATURE } from './disk-plan.ts';

/** All from Debian's main archive; what else a board needs is its layer's. */
export const PACKAGES = [
  // A system that starts, and its network.
  ...['systemd', 'systemd-sysv', 'udev', 'dbus', 'systemd-resolved', 'systemd-timesyncd', 'kmod', 'iproute2'],
  ...['linux-image-arm64', 'initramfs-tools', 'zstd', 'systemd-boot-efi', 'e2fsprogs', 'fdisk'],
  ...['wpasupplicant', 'wireless-regdb', 'dropbear-bin'],
  // What the speaker's package depends on, and the mixer, since many a card is mute when it is new.
  ...['init-system-helpers', 'libstdc++6', 'libasound2', 'alsa-utils'],
] as const;

/** Nobody reads them on a board, and they are a fifth of it. Licences stay. */
const LEFT_OUT = ['/usr/share/man/*', '/usr/share/locale/*', '/usr/share/doc/*'];
const KEPT = ['/usr/share/doc/*/copyright'];
export const DPKG_OPTIONS = [
  ...LEFT_OUT.map((path) => `path-exclude=${path}`),
  ...KEPT.map((path) => `path-include=${path}`),
] as const;

export const SWITCHED_ON = [
  ...['systemd-networkd', 'systemd-resolved', 'systemd-timesyncd'],
  ...['tonearm-grow', 'tonearm-settings', 'tonearm-ssh'],
] as const;
/** What waits for a cable that may not be there, looks for packages on a root that cannot take them, or asks for a console's password. */
export const SWITCHED_OFF = [
  ...['systemd-networkd-wait-online.service', 'wpa_supplicant.service', 'systemd-firstboot.service'],
  ...[
    'apt-daily.timer',
    'apt-daily-upgrade.timer',
    'dpkg-db-backup.timer',
    'e2scrub_all.timer',
    'e2scrub_reap.service',
  ],
  ...['getty@tty1.service', 'serial-getty@.service', 'systemd-pstore.service'],
] as const;

/** A root that is not written to, a disk that is mended without asking, a kernel that starts anew when it fails. */
export const KERNEL_WORDS = [
  `root=PARTUUID=${DISK_SIGNATURE}-02 rootfstype=ext4 ro rootwait`,
  'fsck.repair=yes panic=10 quiet',
].join(' ');

/** What starts the kernel by UEFI, which a board has or its U-Boot does as if; and a Raspberry Pi's line for it. */
export const BOOT_TEXTS: Readonly<Record<string, string>> = {
  'loader/loader.conf': 'default tonearm.conf\ntimeout 0\n',
  'loader/entries/tonearm.conf': `title Tonearm\nlinux /vmlinuz\ninitrd /initrd.img\noptions ${KERNEL_WORDS}\n`,
  'cmdline.txt': `${KERNEL_WORDS}\n`,
};

/** Folders of the data partition, with their rights: fstab mounts each where a service looks for it. */
export const DATA_FOLDERS = [
  { name: 'state', mode: 0o700 },
  { name: 'cache', mode: 0o700 },
  { name: 'system', mode: 0o755 },
  { name: 'alsa', mode: 0o755 },
] as const;

/** What must be there already, since nobody can make it later: path in the root → where it leads. */
export const LINKS: Readonly<Record<string, string>> = {
  '/etc/resolv.conf': '../run/systemd/resolve/stub-resolv.conf',
  '/var/lib/tonearm-speaker': 'private/tonearm-speaker',
  '/var/cache/tonearm-speaker': 'private/tonearm-speaker',
};
/** Where something is mounted. */
export const MOUNT_POINTS = [
  '/boot/firmware',
  '/data',
  '/var/lib/private',
  '/var/cache/private',
  '/var/lib/alsa',
] as const;
