/** What a process and its children hold, read from the kernel. RSS counts shared pages whole, PSS by their share. */
import { readdir, readFile } from 'node:fs/promises';

export interface ProcessMemory {
  readonly rssMb: number;
  readonly pssMb: number;
}

export async function memoryOfTree(pid: number): Promise<ProcessMemory> {
  const own = await memoryOf(pid);
  const children = await Promise.all((await childrenOf(pid)).map(memoryOfTree));
  return children.reduce((sum, child) => ({ rssMb: sum.rssMb + child.rssMb, pssMb: sum.pssMb + child.pssMb }), own);
}

async function memoryOf(pid: number): Promise<ProcessMemory> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { rssMb: kilobytes('Rss') / 1024, pssMb: kilobytes('Pss') / 1024 };
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
}
