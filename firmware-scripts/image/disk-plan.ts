/**
 * How the image is divided, as genimage is told: what a board's firmware starts from, the root that is never written to, and
 * what changes, last, so that it can grow. Partitioned the old way (MBR), since that is what every board's firmware reads,
 * the oldest Raspberry Pi's too; UEFI takes it as well.
 */

const MIB = 1024 * 1024;

/** Of the disk; partitions are named by it and their number, on the kernel's command line and in fstab. */
export const DISK_SIGNATURE = '544f4e45';
export const MOUNTS = { boot: '/boot/firmware', data: '/data' } as const;
/** Card's pages are erased in pieces of this size or less. */
const ALIGNED_TO_BYTES = 4 * MIB;
/** Kernel, initial RAM disk, and a board's own files. */
const BOOT_BYTES = 256 * MIB;
/** Fixed, so that another root can be put in its place without touching the data. */
const ROOT_BYTES = 1_152 * MIB;
/** Before it has grown. */
const DATA_BYTES = 128 * MIB;
/** With the small one that so small a file system would get, ext4 cannot grow: a step of it is one transaction. */
const DATA_JOURNAL_MIB = 32;
/** What the data can grow to where it lies: as far as this way of partitioning goes (2 TiB), in blocks of 4 KiB. */
const DATA_BLOCKS_MAX = 2 ** 29;

/** @param name of the image's file @returns a configuration of genimage */
export function planDisk(name: string): string {
  return `image boot.vfat {
  vfat { label = "TONEARM" extraargs = "-F 32" }
  mountpoint = "${MOUNTS.boot}"
  size = ${BOOT_BYTES}
}
image root.ext4 {
  ext4 { label = "tonearm-root" use-mke2fs = true extraargs = "-m 0" }
  mountpoint = "/"
  size = ${ROOT_BYTES}
}
image data.ext4 {
  ext4 { label = "tonearm-data" use-mke2fs = true extraargs = "-m 0 -b 4096 -J size=${DATA_JOURNAL_MIB} -E resize=${DATA_BLOCKS_MAX}" }
  mountpoint = "${MOUNTS.data}"
  size = ${DATA_BYTES}
}
image ${name} {
  hdimage { partition-table-type = "mbr" disk-signature = 0x${DISK_SIGNATURE} align = ${ALIGNED_TO_BYTES} }
  partition boot { partition-type = 0x0c bootable = true image = "boot.vfat" }
  partition root { partition-type = 0x83 image = "root.ext4" }
  partition data { partition-type = 0x83 image = "data.ext4" }
}
`;
}
