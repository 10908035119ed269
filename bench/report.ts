import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

/** One line of a benchmark's table. */
export type Row = Readonly<Record<string, string | number>>;

/** Prints a benchmark's table and writes it to `bench/results/<name>.json` with what it was measured on. */
export async function report(name: string, settings: Row, rows: readonly Row[]): Promise<void> {
  const processors = cpus();
  const machine = {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    node: process.version,
    // Above the number of cores, wall clock times say little.
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
  console.log(name, settings, machine);
  console.table(rows);
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${name}.json`, `${JSON.stringify({ name, machine, settings, rows }, null, 2)}\n`);
}
