import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { oneShot, problemsOf } from '../../test/fakes/example-script.ts';

describe('hostile text is SCRIPT_INVALID, soon and without harm', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (const [index, name] of 'bcdefgh'.split('').entries()) {
    bomb.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'.charAt(index)}`).join(',')}]`);
  }
  test.each([
    ['a YAML bomb', bomb.join('\n')],
    ['a cycle of aliases', 'shots: &a [*a]'],
    ['one large list used often', `a: &a [${'x,'.repeat(2000)}]\nb: [${'*a,'.repeat(90)}]`],
    ['too many values', `a: [${'1,'.repeat(12_000)}]`],
    ['a prompt of ten megabytes', oneShot(`    negative: ${'x'.repeat(10_000_000)}`)],
    ['a prompt of a hundred thousand characters', oneShot(`    negative: ${'x'.repeat(100_000)}`)],
    ['deep brackets', '['.repeat(250_000)],
    ['deep braces', '{a: '.repeat(60_000)],
    ['deep lists without brackets', `${'- '.repeat(120_000)}x`],
    ['deep keys', '? '.repeat(100_000)],
    ['deep indentation', Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['keys on one line, over and over', `shots:\n  - id: a\n${'    prompt: a b- id: ball\n'.repeat(2_700)}`],
    ['far too many keys', Array.from({ length: 20_000 }, (_, key) => `k${key}: 1`).join('\n')],
    ['a key over and over', 'a: 1\n'.repeat(2_000)],
    ['closing brackets', '}'.repeat(2_000)],
    ['many documents', '---\n'.repeat(3_000)],
    ['only colons', ':'.repeat(200_000)],
    ['an open quote', `"${'\\x'.repeat(2_000)}`],
    ['121 shots', `shots:\n${Array.from({ length: 121 }, (_, i) => `  - { id: s${i}, prompt: p }\n`).join('')}`],
    ['a thousand unknown keys', `{${Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join(', ')}}`],
  ])('%s', (_name, text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(50);
    for (const { message } of problems) expect(message.length).toBeLessThan(400);
  });

  test('prototypes stay as they were', () => {
    problemsOf('__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\nshots: []');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('any text gives a script or SCRIPT_INVALID', () => {
    const parts = fc.constantFrom(
      'shots',
      ':',
      ' ',
      '\n',
      '- ',
      'id',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '|',
      '"',
      '!!',
      '?',
      '1',
    );
    // fast-check's own 'binary' takes seconds to list its units.
    const unit = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: parts, maxLength: 60 })), (text) => {
        problemsOf(text);
      }),
      { numRuns: 60 },
    );
  });

  test('any JSON gives a script or SCRIPT_INVALID', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (shots, join) => {
        problemsOf(JSON.stringify({ shots }));
        problemsOf(
          JSON.stringify({
            shots: [
              { id: 'a', prompt: 'p' },
              { id: 'b', prompt: 'p', join },
            ],
          }),
        );
      }),
    );
  });
});
