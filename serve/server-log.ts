import { pino } from 'pino';
import type { Logger } from 'pino';
import { harmlessText } from '../errors/harmless-text.ts';

/** The server's logger: one JSON object per line on stderr, of what went wrong and who came in. */
export function serverLog(): Logger {
  return pino(
    {
      level: 'warn',
      // What clients send goes into lines that people look at in terminals.
      hooks: { streamWrite: harmlessText },
      base: { part: 'serve', pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination(2),
  );
}
