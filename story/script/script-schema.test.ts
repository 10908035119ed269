import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { scriptJsonSchema } from './script-schema.ts';

describe('the JSON Schema', () => {
  test('in the repository is the one of this code; write it with `npx tsx story/script/write-schema.ts`', async () => {
    const written = await readFile(new URL('story.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(written)).toEqual(scriptJsonSchema());
  });

  test('tells editors the rules', () => {
    expect(scriptJsonSchema()).toMatchObject({
      type: 'object',
      required: ['shots'],
      additionalProperties: false,
      properties: {
        shots: {
          type: 'array',
          minItems: 1,
          maxItems: 120,
          items: {
            required: ['id'],
            anyOf: [{ required: ['prompt'] }, { required: ['prompts'] }, { required: ['clip'] }],
          },
        },
      },
    });
  });
});
