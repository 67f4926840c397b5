/**
 * Native addons by their path: a package's own loader asks for a folder named after this Node and this libc, and our own
 * have none. What speaks N-API loads into every Node.
 */
import path from 'node:path';

/** @param root folder that holds `.build` @param name `alsa` is `.build/addons/linux-x64/alsa.node` */
export function addonPath(root: string, name: string): string {
  return path.join(root, '.build', 'addons', `${process.platform}-${process.arch}`, `${name}.node`);
}

/**
 * @returns what it exports; nothing says that it is all there
 * @throws Error when the file is not there or does not load
 */
export function loadNativeAddon<Exports extends object>(file: string): Partial<Exports> {
  const holder: { exports: Partial<Exports> } = { exports: {} };
  process.dlopen(holder as unknown as NodeJS.Module, file);
  return holder.exports;
}
