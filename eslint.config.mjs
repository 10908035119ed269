import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'coverage/',
      'models/',
      'modeling/',
      'test/histories/',
      'docs/api/',
      'examples/embed/',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      // A list or map inside another one is written out; to please the formatter is no reason.
      'no-restricted-syntax': [
        'error',
        ...['Array', 'Object'].map((kind) => ({
          selector: `${kind}Expression > SpreadElement > ${kind}Expression`,
          message: 'Write its members where it is spread.',
        })),
      ],
      // Settings enter at one place per room, so that a reader finds them and a test can pass its own.
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in a config.ts and pass the result on.' },
      ],
    },
  },
  // Indexing in hot numeric loops is bounded by construction; a check per element would cost more than the arithmetic.
  {
    files: [
      'tensor/**',
      'diffusion/**',
      'media/**',
      'pictures/**',
      'eval/perception/**',
      'workers/*/pipeline*.ts',
      '**/*.test.ts',
      'test/**',
      'bench/**',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['**/config.ts', 'test/**', 'bench/**'], rules: { 'no-restricted-properties': 'off' } },
  { files: ['bench/**'], rules: { 'no-console': 'off' } },
  // Declarations of the few modules that Jest loads before it can read TypeScript.
  { files: ['**/*.d.mts'], extends: [tseslint.configs.base] },
  // A workflow must be deterministic: no clock, no timers, no randomness but Temporal's own.
  {
    files: ['workflows/**/*.ts'],
    ignores: ['workflows/bundle.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setInterval', 'fetch'],
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'Workflows run in a sandbox without Node.' }] },
      ],
    },
  },
);
