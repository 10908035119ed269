/**
 * TypeScript to JavaScript for Jest, and one thing more. Jest runs a file in a VM context, where V8 asks the context for a global anew each
 * time it is named; that makes `Math.round` in a loop ten times slower than it is in Node. So each file takes its globals once, in a line before its own.
 */
import { createHash } from 'node:crypto';
import swc from '@swc/jest';

/** What loops name. Not what a test may replace: the clock, the network, the process. */
const globals = [
  'Array',
  'BigInt',
  'Float32Array',
  'Float64Array',
  'Int16Array',
  'Int32Array',
  'JSON',
  'Map',
  'Math',
  'Number',
  'Object',
  'Set',
  'String',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
];

/** The code of a module with the globals that it names taken before it, on its first line: lines keep their numbers. */
function withGlobals(code) {
  const named = globals.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  return named.length === 0 ? code : `const { ${named.join(', ')} } = globalThis; ${code}`;
}

export default {
  createTransformer(options) {
    const made = swc.createTransformer(options);
    const changed = ({ code, ...rest }) => ({ ...rest, code: withGlobals(code) });
    return {
      ...made,
      process: (...file) => changed(made.process(...file)),
      processAsync: async (...file) => changed(await made.processAsync(...file)),
      getCacheKey: (...file) =>
        createHash('sha256')
          .update([...globals, made.getCacheKey(...file)].join())
          .digest('hex'),
    };
  },
};
