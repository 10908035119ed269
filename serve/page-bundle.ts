import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** For `ETag`: who has this content need not fetch it again. */
  readonly tag: string;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/**
 * The page as the browser gets it, by file name: `studio.js`, `studio.css`, `docs.css`. Bundled when a server starts, which takes a
 * fifth of a second, so no built file has to be kept in step with its sources.
 * @param root Folder of Shotline itself.
 */
export async function bundlePage(root: string): Promise<ReadonlyMap<string, PageFile>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(root, 'studio/main.tsx'), out: 'studio' },
      { in: join(root, 'studio/studio.css'), out: 'studio' },
      { in: join(root, 'studio/docs.css'), out: 'docs' },
    ],
    outdir: join(root, 'assets'),
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: join(root, 'studio/tsconfig.json'),
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'silent',
  });
  return new Map(
    outputFiles.map(({ path, contents }) => {
      const name = path.split(/[\\/]/).at(-1) ?? path;
      const tag = createHash('sha256').update(contents).digest('base64url').slice(0, 20);
      return [name, { type: types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream', bytes: contents, tag }];
    }),
  );
}
