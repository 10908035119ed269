import { readFileSync } from 'node:fs';

const rooms = Object.keys(JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8')));
/** Commands and scripts for one machine: what they export is for each other. */
const unpublished = ['cli', 'infra'];

/** @type {import('typedoc').TypeDocOptions} The documentation gate: every export says what its type cannot. */
export default {
  entryPoints: rooms.filter((room) => !unpublished.includes(room)).map((room) => `${room}/**/*.ts`),
  exclude: ['**/*.test.ts', '**/node_modules/**'],
  emit: 'none',
  logLevel: 'Warn',
  validation: { notExported: false, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Function', 'Class', 'Interface', 'TypeAlias', 'Variable'],
  treatValidationWarningsAsErrors: true,
  skipErrorChecking: true,
  readme: 'none',
  disableGit: true,
  sourceLinkTemplate: '{path}#{line}',
};
