import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Folder of this package: the nearest one above with a `package.json`, for compiled code lies deeper than its source. */
export function packageRoot(from = import.meta.dirname): string {
  return existsSync(join(from, 'package.json')) || from === dirname(from) ? from : packageRoot(dirname(from));
}
