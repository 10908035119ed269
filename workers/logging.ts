import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { DefaultLogger } from '@temporalio/worker';
import type { Logger as TemporalLogger } from '@temporalio/worker';
import { harmlessText } from '../errors/harmless-text.ts';
import type { Pool } from '../story/plan/stages.ts';
import type { LogLevel } from './config.ts';

/** The worker's logger: one JSON object per line on stdout, each with the pool and the process. */
export function createLogger(pool: Pool, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    // What servers and scripts say goes into lines that people look at in terminals; escaped it is the same JSON.
    hooks: { streamWrite: harmlessText },
    base: { pool, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Bytes and long tokens that Temporal attaches to each line and nobody reads. */
const unreadable = new Set(['taskToken', 'base64TaskToken', 'isLocal', 'sdkComponent']);

/** Lets Temporal's runtime and its activity contexts write into the worker's log. */
export function temporalLogger(log: Logger): TemporalLogger {
  return new DefaultLogger('TRACE', ({ level, message, meta = {} }) => {
    const { error, ...rest } = meta;
    const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => !unreadable.has(name)));
    log[levels[level]](error === undefined ? fields : { ...fields, ...codeOf(error), err: error }, message);
  });
}

/** The code of a failure that Temporal carries, which pino's view of an error puts the name of its class in place of. */
function codeOf(error: unknown): { readonly code?: string } {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  return typeof type === 'string' ? { code: type } : {};
}
