import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseVocabulary, warnUnknownWords } from '../story/models/vocabulary.ts';
import { exampleStory } from '../test/fakes/example-story.ts';
import { promptWords } from '../story/models/prompt-words.ts';
import { dimensionNames } from './formulas/dimensions.ts';
import { labelFreeDimensions, parseSuite } from './suite.ts';

const root = join(import.meta.dirname, '..');
const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(root, ...path), 'utf8'));
const vocabulary = parseVocabulary(readJson('models', 'packages', 'pocket-text', 'vocabulary.json'));
const pocket = parseSuite('pocket', readJson('eval', 'suites', 'pocket.json'));

describe('the pocket suite', () => {
  test('has at least 60 prompts, each once, over every dimension that has a model', () => {
    expect(pocket.prompts.length).toBeGreaterThanOrEqual(60);
    expect(new Set(pocket.prompts.map((each) => each.prompt_en)).size).toBe(pocket.prompts.length);
    const covered = new Set(pocket.prompts.flatMap(({ dimension }) => dimension));
    expect(dimensionNames.filter((name) => !covered.has(name))).toEqual(['aesthetic_quality']);
  });

  test('says only words that the pocket models know, of things where they can be', () => {
    const one = exampleStory([{ kind: 'cut' }]).shots[0]!;
    const story = exampleStory([]);
    const shots = pocket.prompts.map(({ prompt_en: prompt }, index) => ({ ...one, id: `s${index}`, prompt }));
    // Prompts with two objects ask for more than the models ever saw; the other warnings would be mistakes.
    const warnings = warnUnknownWords({ ...story, shots }, vocabulary).map(({ message }) => message);
    expect(warnings).toEqual([]);
  });

  test('has labels that stand in its prompts', () => {
    for (const { prompt_en: prompt, auxiliary_info: info = {} } of pocket.prompts) {
      const said = promptWords(prompt, vocabulary);
      if (info.color !== undefined) expect(said['colour']).toEqual([info.color]);
      if (info.object !== undefined) expect(said['object']?.toSorted()).toEqual(info.object.split(' and ').toSorted());
      if (info.action !== undefined) expect(said['motion']).toEqual([info.action]);
      if (info.appearance_style !== undefined) expect(said['sky']).toEqual([info.appearance_style]);
      const scene = info.scene?.scene.scene;
      if (scene !== undefined) expect([said['place']?.[0], said['sky']?.[0]].join(' ')).toBe(scene);
      const relation = info.spatial_relationship?.spatial_relationship;
      if (relation !== undefined) {
        expect(said['object']).toEqual([relation.object_a]);
        expect(relation.relationship).toContain(said['position']?.[0]);
      }
    }
  });
});

describe('a suite', () => {
  test('may be a list of plain prompts, which are measured without labels', () => {
    expect(parseSuite('mine', ['a red boat']).prompts).toEqual([
      { prompt_en: 'a red boat', dimension: labelFreeDimensions },
    ]);
    expect(labelFreeDimensions).toContain('overall_consistency');
  });

  test.each([
    [[], 'the suite'],
    [[{ prompt_en: 'x', dimension: ['beauty'] }], '"beauty" is no dimension'],
    [[{ prompt_en: 'x', dimension: ['color'] }], '[0].auxiliary_info lacks color'],
    [[{ prompt_en: '', dimension: ['scene'] }], '[0]'],
    [{ prompts: [] }, 'the suite'],
  ])('is refused when it is %j, with the place', (json, place) => {
    expect(() => parseSuite('mine', json)).toThrow(place);
  });
});

describe('the words of a prompt', () => {
  test.each([
    [
      'a red boat sails to the right on the sea at sunset',
      { object: ['boat'], colour: ['red'], motion: ['right'], place: ['sea'], sky: ['sunset'] },
    ],
    [
      'a big rubber duck on the left swims left',
      { object: ['duck'], size: ['big'], position: ['left'], motion: ['left'] },
    ],
    ['nothing of the kind', {}],
  ])('%s', (prompt, words) => {
    expect(promptWords(prompt, vocabulary)).toEqual(words);
  });
});
