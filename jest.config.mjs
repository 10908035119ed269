// The AV1 encoder has a log of its own; a test process cannot set what libraries read.
process.env.SVT_LOG ??= '1';

const transform = {
  '^.+\\.ts$': [
    '<rootDir>/test/transform.mjs',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
  ],
};
/** Unit tests sit beside the code; what needs a process or a server lives in test/. */
const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  transform,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: '<rootDir>/test/environment.mjs',
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/modeling/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  ...extra,
});

export default {
  projects: [
    project('unit', ['<rootDir>/**/*.test.ts'], {
      testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/modeling/', '<rootDir>/test/'],
    }),
    project('architecture', ['<rootDir>/test/architecture/**/*.test.ts']),
    project('stage', ['<rootDir>/test/stage/**/*.test.ts']),
    project('workflow', ['<rootDir>/test/workflow/**/*.test.ts', '<rootDir>/test/replay/**/*.test.ts'], {
      globalSetup: '<rootDir>/test/temporal-setup.mjs',
      globalTeardown: '<rootDir>/test/temporal-teardown.mjs',
    }),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts']),
  ],
};
