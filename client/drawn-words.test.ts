import { expect, test } from '@jest/globals';
import { parseScript } from '../story/script/parse-script.ts';
import { fontProblems } from './drawn-words.ts';

const problemsIn = async (yaml: string) =>
  (await fontProblems(parseScript(yaml, { fileName: 'story.yaml' }))).map(({ message }) => message);

test('a sign that no font has is named with its place; a text track needs none', async () => {
  const story = (output: string) => `
output: ${output}
opening: { text: The lighthouse, subtitle: "ᠮᠣᠩᠭᠣᠯ" }
closing: 終わり
shots:
  - { id: a, prompt: a red boat, caption: 𓀀 sails }
`;
  expect(await problemsIn(story('{ captions: burn }'))).toEqual([
    'opening.subtitle has ᠮ (U+182E), ᠣ (U+1823), ᠩ (U+1829), ᠭ (U+182D), ᠯ (U+182F), which none of the fonts can draw; write it in other signs',
    'shots[0].caption has 𓀀 (U+13000), which none of the fonts can draw; write it in other signs',
  ]);
  expect(await problemsIn(story('{}'))).toHaveLength(1);
  expect(await problemsIn('shots: [{ id: a, prompt: a red boat }]')).toEqual([]);
});
