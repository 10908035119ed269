import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is started by name; everything else is reached from these. */
const isEntry = (file) => file === 'cli/main.ts' || /^workers\/[^/]+\/engine\.ts$/.test(file);
/** A worker that runs may still load parts of the code that it started with. */
const keptMs = 14 * 24 * 3600_000;

/**
 * The folder of Shotline's code as JavaScript, compiled when these very sources were not compiled before: a third of a second,
 * where a loader that translates file by file takes a second in every process. `root`: folder of the sources, with a slash at its end.
 * `null` where nothing can be written beside the packages, as in an installation of another user or on a full disk.
 */
export async function compiledCode(root) {
  const cache = join(root, 'node_modules', '.cache', 'shotline');
  const sources = await sourcesOf(root);
  const folder = join(cache, `code-${await fingerprintOf(root, sources)}`);
  if (existsSync(folder)) return folder;
  const partial = join(cache, `part-${randomUUID()}`);
  try {
    await mkdir(partial, { recursive: true });
  } catch {
    return null;
  }
  try {
    await compile(root, sources.filter(isEntry), partial, folder);
    await rename(partial, folder).catch((error) => {
      // Another process was as quick with the same code.
      if (!existsSync(folder)) throw error;
    });
    await dropOld(cache);
  } catch (error) {
    if (!isRefusedWrite(error)) throw error;
    return null;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

/** Whether a disk took no more; esbuild has words for it and no code. */
function isRefusedWrite({ code, message }) {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(code) || /^error: failed to write/im.test(message);
}

async function compile(root, entryPoints, partial, folder) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints,
    outbase: root,
    outdir: partial,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'silent',
    // The names of classes stand in messages and logs.
    keepNames: true,
    define: { COMPILED_CODE: JSON.stringify(pathToFileURL(`${folder}/`).href) },
    plugins: [placesOfSources],
  });
}

/** Files that code looks for beside itself lie beside its source. */
const placesOfSources = {
  name: 'places-of-sources',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

async function sourcesOf(root) {
  const list = JSON.parse(await readFile(join(root, 'rooms.json'), 'utf8'));
  const rooms = [...new Set(Object.keys(list).map((room) => room.split('/')[0]))];
  const files = await Promise.all(
    rooms.map(async (name) => {
      const found = await readdir(join(root, name), { recursive: true });
      return found
        .filter((file) => /\.(ts|mjs|json)$/.test(file) && !file.includes('.test.'))
        .map((file) => join(name, file));
    }),
  );
  return files.flat().sort();
}

/** The place counts, too, because it is written into the code. */
async function fingerprintOf(root, sources) {
  const hash = createHash('sha256').update(root);
  const contents = await Promise.all(
    ['package-lock.json', ...sources].map((file) => readFile(join(root, file)).catch(() => '')),
  );
  for (const [k, file] of ['package-lock.json', ...sources].entries()) hash.update(`\0${file}\0`).update(contents[k]);
  return hash.digest('hex').slice(0, 16);
}

async function dropOld(cache) {
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    // The folder that another process compiles into gets its name, and is gone, at any moment.
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > keptMs) await rm(path, { recursive: true, force: true });
  }
}
