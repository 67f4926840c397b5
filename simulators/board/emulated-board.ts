/**
 * A board that is not there: an image in qemu, with a disk larger than the image, a network card behind qemu's own router
 * (the machine that runs it is reached at its real addresses), and a sound card whose sound is a file. It is asked by SSH,
 * as its owner would, with a key on its boot partition; nothing of the image is changed but the files that owners write.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ChildProgram } from '#sim/processes/child-program';
import { freePort } from '#sim/processes/free-port';

const FIRMWARE = '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd';
/** Where the boot partition begins: genimage's alignment. */
const BOOT_OFFSET_BYTES = 4 * 1024 * 1024;
const MEMORY_MIB = 1_024;
const RATE_HZ = 48_000;
/** The speaker's own page, in there. */
const DOOR = 7_171;
const SSH = 22;
const ASK_TIMEOUT_MS = 120_000;
const EXIT_WITHIN_MS = 10_000;

export class EmulatedBoard {
  readonly #folder: string;
  readonly #disk: string;
  #machine: ChildProgram | undefined;
  #starts = 0;
  #sshPort = 0;
  #doorPort = 0;

  /** @param folder for its disk, its key and its sound @param diskBytes what the image is written on */
  constructor(folder: string, image: string, diskBytes: number) {
    if (!existsSync(FIRMWARE)) {
      throw new Error('apt-get install --no-install-recommends qemu-system-arm qemu-efi-aarch64 openssh-client mtools');
    }
    this.#folder = folder;
    this.#disk = path.join(folder, 'card.img');
    execFileSync('cp', ['--sparse=always', image, this.#disk]);
    truncateSync(this.#disk, diskBytes);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.#key]);
    this.write('ssh.txt', readFileSync(`${this.#key}.pub`, 'utf8'));
  }

  /** Puts a file on the boot partition, as somebody does who has the card in a computer. */
  write(name: string, text: string): void {
    const file = path.join(this.#folder, name);
    writeFileSync(file, text);
    execFileSync('mcopy', ['-o', '-i', `${this.#disk}@@${BOOT_OFFSET_BYTES}`, file, `::${name}`]);
  }

  /** Of the speaker's own page. */
  get door(): string {
    return `127.0.0.1:${this.#doorPort}`;
  }

  static readonly settings = `TONEARM_LAN_PORT=${DOOR}\n`;

  /** @returns the file of what it will be heard to play */
  async start(): Promise<string> {
    this.#starts += 1;
    this.#sshPort = await freePort();
    this.#doorPort = await freePort();
    const sound = path.join(this.#folder, `sound-${this.#starts}.wav`);
    const forwards = [`hostfwd=tcp:127.0.0.1:${this.#sshPort}-:${SSH}`, `hostfwd=tcp:${this.door}-:${DOOR}`];
    this.#machine = new ChildProgram('board', 'nice', [
      ...['-n', '10', 'qemu-system-aarch64', '-machine', 'virt', '-cpu', 'cortex-a57', '-smp', '2'],
      ...['-m', String(MEMORY_MIB), '-display', 'none', '-nodefaults', '-serial', 'stdio', '-bios', FIRMWARE],
      ...['-drive', `file=${this.#disk},format=raw,if=none,id=card,cache=writeback`],
      ...['-device', 'virtio-blk-pci,drive=card', '-device', 'virtio-rng-pci'],
      ...['-netdev', `user,id=net,${forwards.join(',')}`, '-device', 'virtio-net-pci,netdev=net,romfile='],
      ...['-audiodev', `wav,id=sound,path=${sound},out.frequency=${RATE_HZ}`],
      ...['-device', 'intel-hda', '-device', 'hda-output,audiodev=sound'],
    ]);
    return sound;
  }

  /** What it said on its serial port, and qemu of itself. */
  output(): string {
    return this.#machine?.output() ?? '';
  }

  /** @returns what the command printed, without what it said beside @throws Error when it fails */
  async ask(command: string): Promise<string> {
    const { status, stdout, stderr } = await this.#ssh(command);
    if (status !== 0) throw new Error(`${command}: ended with ${status}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  /** @returns how the command ended, and all that it printed */
  async tell(command: string): Promise<{ readonly status: number | null; readonly text: string }> {
    const { status, stdout, stderr } = await this.#ssh(command);
    return { status, text: `${stdout}${stderr}`.trim() };
  }

  /** As a plug that is pulled. */
  async cutPower(): Promise<void> {
    this.#machine?.kill('SIGKILL');
    await this.#machine?.waitForExit(EXIT_WITHIN_MS);
  }

  async close(): Promise<void> {
    await this.#machine?.stop();
  }

  get #key(): string {
    return path.join(this.#folder, 'key');
  }

  /** Not waiting for it meanwhile: connections that are kept open close by themselves, which must be noticed. */
  #ssh(command: string): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
    const known = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
    const words = [...known, '-i', this.#key, '-p', String(this.#sshPort), 'root@127.0.0.1', command];
    return new Promise((resolve) => {
      const ssh = execFile('ssh', words, { timeout: ASK_TIMEOUT_MS }, (_, stdout, stderr) =>
        resolve({ status: ssh.exitCode, stdout, stderr }),
      );
    });
  }
}
