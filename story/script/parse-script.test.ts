import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { lines, oneShot, problemsOf } from '../../test/fakes/example-script.ts';
import { parseScript } from './parse-script.ts';
import { planStory } from '../plan/plan-story.ts';
import type { StoryScript } from './script.ts';

const parse = (text: string): StoryScript => parseScript(text, { fileName: 'stories/first-film.yaml' });

const twoShots = (...more: string[]): string => oneShot('  - id: b', '    prompt: a blue ball', ...more);

describe('a story script', () => {
  test('needs no more than shots with ids and prompts', () => {
    expect(parse(twoShots())).toEqual({
      title: 'First film',
      output: { width: 3840, height: 2160, fps: 24 },
      models: 'pocket',
      shots: [
        {
          id: 'a',
          prompt: 'a red ball',
          sampling: {
            seed: expect.any(Number),
            quality: 'standard',
            sampler: null,
            steps: null,
            guidance: null,
            rescale: null,
            negative: '',
            freeu: null,
          },
          join: null,
        },
        {
          id: 'b',
          prompt: 'a blue ball',
          sampling: {
            seed: expect.any(Number),
            quality: 'standard',
            sampler: null,
            steps: null,
            guidance: null,
            rescale: null,
            negative: '',
            freeu: null,
          },
          join: { kind: 'seine', prompt: 'smooth transition', known: 1, seconds: 1 },
        },
      ],
    });
  });

  test('may say everything, and a shot wins over the defaults', () => {
    const script = parse(
      lines(
        'title: All of it',
        'output: { width: 640, height: 360, fps: 30 }',
        'models: tiny',
        'defaults: { seed: 3, quality: draft, sampler: ddpm, rescale: 0.5, steps: 9, guidance: 2.5, freeu: true, negative: dull, join: dissolve }',
        twoShots(
          '    seed: 4294967295',
          '    quality: high',
          '    sampler: dpmpp-2m-sde',
          '    rescale: 0',
          '    steps: 10',
          '    guidance: 0',
          '    freeu: { b1: 1, b2: 1.5, s1: 0.9, s2: 0 }',
          '    negative: ""',
          '    join: { kind: seine, prompt: a storm comes up, known: 4 }',
          '  - id: c',
          '    prompt: >',
          '      a boat on',
          '      the sea',
        ),
      ),
    );
    expect(script).toMatchObject({ title: 'All of it', output: { width: 640, height: 360, fps: 30 }, models: 'tiny' });
    expect(script.shots[0]?.sampling).toMatchObject({
      quality: 'draft',
      sampler: 'ddpm',
      steps: 9,
      guidance: 2.5,
      rescale: 0.5,
      freeu: true,
      negative: 'dull',
    });
    expect(script.shots[1]).toEqual({
      id: 'b',
      prompt: 'a blue ball',
      sampling: {
        seed: 4294967295,
        quality: 'high',
        sampler: 'dpmpp-2m-sde',
        steps: 10,
        guidance: 0,
        rescale: 0,
        negative: '',
        freeu: { b1: 1, b2: 1.5, s1: 0.9, s2: 0 },
      },
      join: { kind: 'seine', prompt: 'a storm comes up', known: 4, seconds: 1 },
    });
    expect(script.shots[2]).toMatchObject({ prompt: 'a boat on the sea', join: { kind: 'dissolve' } });
  });

  test('may have FreeInit among the defaults, which a shot changes as a whole or turns off', () => {
    const { shots } = parse(
      lines(
        'defaults: { freeinit: { iterations: 4, filter: gaussian } }',
        'shots:',
        '  - { id: a, prompt: p }',
        '  - { id: b, prompt: p, freeinit: { spatial: 0.5, show: 1 } }',
        '  - { id: c, prompt: p, freeinit: false }',
      ),
    );
    expect(shots.map(({ sampling }) => sampling.freeinit)).toEqual([
      { iterations: 4, filter: 'gaussian' },
      { spatial: 0.5, show: 1 },
      false,
    ]);
  });

  test('may tell a shot in several prompts, in any order, for some time, with or without FreeNoise', () => {
    const { shots } = parse(
      lines(
        'shots:',
        '  - { id: a, prompts: { 1: rises, 0: stands, 0.5: burns }, seconds: 8, freenoise: true }',
        '  - { id: b, prompts: { 0: alone }, freenoise: { weights: flat } }',
        '  - { id: c, prompt: p, freenoise: false }',
      ),
    );
    expect(shots[0]).toMatchObject({
      prompt: 'stands',
      prompts: [
        { at: 0, prompt: 'stands' },
        { at: 0.5, prompt: 'burns' },
        { at: 1, prompt: 'rises' },
      ],
      seconds: 8,
      freenoise: { weights: 'pyramid' },
    });
    expect(shots[1]).toMatchObject({ prompt: 'alone', freenoise: { weights: 'flat' } });
    expect(shots[1]).not.toHaveProperty('prompts');
    expect(shots[2]).toMatchObject({ freenoise: false });
  });

  test.each([
    ['9:16', { width: 2160, height: 3840, fps: 24 }],
    ['720p', { width: 1280, height: 720, fps: 24 }],
    ['{ shape: 1:1, height: 720 }', { width: 720, height: 720, fps: 24 }],
    ['{ width: 640, fit: pad }', { width: 640, height: 360, fps: 24, fit: 'pad' }],
    ['{ fit: crop, fps: 12 }', { width: 3840, height: 2160, fps: 12 }],
  ])('may say its output as %s', (output, expected) => {
    const { output: normal } = parseScript(`output: ${output}\nshots: [{ id: a, prompt: p }]`, { fileName: 'a.yaml' });
    expect(normal).toEqual(expected);
  });

  test('may say how long a join lasts, but for a cut', () => {
    const joined = (join: string) => parse(twoShots(`    join: ${join}`)).shots[1]?.join;
    expect(joined('{ kind: dissolve, seconds: 0.5 }')).toEqual({ kind: 'dissolve', seconds: 0.5 });
    expect(joined('{ kind: seine, seconds: 1 }')).toMatchObject({ kind: 'seine', known: 1, seconds: 1 });
    expect(joined('dissolve')).toEqual({ kind: 'dissolve' });
  });

  test('may say what stays of a shot that is cropped, in a word or a number, for all or for one', () => {
    const text = 'defaults: { focus: left }\nshots: [{ id: a, prompt: p }, { id: b, prompt: p, focus: 0.3 }]';
    const { shots } = parseScript(text, { fileName: 'a.yaml' });
    expect(shots.map(({ focus }) => focus)).toEqual([0, 0.3]);
  });

  test('may be JSON, with tabs and a byte order mark', () => {
    const json = JSON.stringify({ title: 'J', shots: [{ id: 'a', prompt: 'p', seed: 5 }] }, null, '\t');
    expect(parse(`\uFEFF${json}`)).toMatchObject({ title: 'J', shots: [{ id: 'a', sampling: { seed: 5 } }] });
  });

  test('may use anchors and aliases', () => {
    const script = parse(
      twoShots('    join: &soft { kind: dissolve }', '  - id: c', '    prompt: p', '    join: *soft'),
    );
    expect(script.shots.map((shot) => shot.join?.kind)).toEqual([undefined, 'dissolve', 'dissolve']);
  });

  test('gives a shot a seed that follows from its id and the default seed, not from its place or the title', () => {
    const seedOfB = (text: string): number | undefined => parse(text).shots.find(({ id }) => id === 'b')?.sampling.seed;
    const alone = lines('title: Other', 'shots:', '  - { id: b, prompt: p }');
    expect(seedOfB(alone)).toBe(seedOfB(twoShots()));
    expect(seedOfB(`defaults: { seed: 1 }\n${twoShots()}`)).not.toBe(seedOfB(twoShots()));
    expect(parse(twoShots()).shots[0]?.sampling.seed).not.toBe(seedOfB(twoShots()));
  });

  test.each([
    ['a/b/the_red-boat.yml', 'The red boat'],
    ['C:\\stories\\dawn.json', 'Dawn'],
    ['-', 'Story'],
    ['', 'Story'],
    [`${'x'.repeat(300)}.yaml`, `X${'x'.repeat(119)}`],
  ])('in the file %p without a title is called %p', (fileName, title) => {
    expect(parseScript(oneShot(), { fileName }).title).toBe(title);
  });

  test('survives its own JSON: normal forms plan alike', () => {
    const script = parse(twoShots());
    expect(planStory(JSON.parse(JSON.stringify(script)) as StoryScript, exampleModels)).toEqual(
      planStory(script, exampleModels),
    );
  });
});

describe('the problems of a script', () => {
  test('come all at once, each with path, line, value, rule and next step', () => {
    const problems = problemsOf(
      lines(
        'titel: My film',
        'output: { width: 3841, fps: 5 }',
        'shots:',
        '  - id: dawn',
        '    prompt: ""',
        '    join: cut',
        '  - id: dawn',
        '    prompt: a ball',
        '    seed: -1',
        '    join: { kind: cut, prompt: hello }',
        '  - prompt: a boat',
        '    lens: 50',
        '    join: morph',
      ),
    );
    expect(problems).toEqual([
      { path: 'titel', line: 1, message: 'titel is not a key of a story; did you mean title?' },
      {
        path: 'output.width',
        line: 2,
        message: 'output.width is 3841; a width is an even whole number of pixels from 16 to 7680',
      },
      {
        path: 'output.fps',
        line: 2,
        message:
          'output.fps is 5; fps is a whole number of frames per second from 8 to 60, or 23.976, 29.97 or 59.94, or a fraction such as 24000/1001',
      },
      {
        path: 'shots[0].prompt',
        line: 5,
        message: 'shots[0].prompt is ""; a prompt is a text of 1 to 400 characters without control characters',
      },
      {
        path: 'shots[0].join',
        line: 6,
        message: 'shots[0].join is "cut"; the first shot has none before it to join; take it out',
      },
      {
        path: 'shots[1].id',
        line: 7,
        message: 'shots[1].id is "dawn"; shots[0] has that id; give each shot its own',
      },
      {
        path: 'shots[1].seed',
        line: 9,
        message:
          'shots[1].seed is -1; a seed is a whole number from 0 to 4294967295; without one it follows from the id of the shot',
      },
      {
        path: 'shots[1].join.prompt',
        line: 10,
        message: 'shots[1].join.prompt is "hello"; a cut has no prompt, only a seine join has; take it out',
      },
      expect.objectContaining({
        path: 'shots[2].id',
        line: 11,
        message: expect.stringContaining('is missing; an id has'),
      }),
      {
        path: 'shots[2].lens',
        line: 12,
        message: expect.stringContaining(
          'shots[2].lens is not a key of a shot; take it out; the keys are id, prompt, ',
        ) as unknown,
      },
      {
        path: 'shots[2].join',
        line: 13,
        message:
          'shots[2].join is "morph"; a join is seine, dissolve, fade, wipe or cut, or a map with kind, prompt, known, direction and seconds',
      },
    ]);
  });

  test.each([
    ['prompts: { 0: a }', 'shots[1].prompts is a map; a shot has prompt or prompts, not both'],
    ['second: 5', 'is not a key of a shot; did you mean seconds?'],
    ['seconds: 0', 'shots[1].seconds is 0; seconds is how long a shot lasts, a number from 0.01 to 256'],
    ['seconds: long', 'shots[1].seconds is "long"; seconds is'],
    ['freenoise: 1', 'shots[1].freenoise is 1; freenoise is true, false, or a map with weights'],
    ['freenoise: { weights: round }', 'shots[1].freenoise.weights is "round"; weights is pyramid, flat or sawtooth'],
    ['continue: 4', 'shots[1].continue is 4; continue is true, false, or a map with known'],
    ['continue: { known: 9 }', 'shots[1].continue.known is 9; known is how many latent frames a shot takes over'],
    ['continue: { know: 2 }', 'shots[1].continue.know is not a key of continue; did you mean known?'],
    ['subjects: [cat.png]', 'is not a key of a shot; take it out'],
    ['enhance: much', 'shots[1].enhance is "much"; enhance is true, false, or a map with scale'],
    ['seed: 1.5', 'shots[1].seed is 1.5; a seed is a whole number'],
    ['seed: .nan', 'shots[1].seed is NaN; a seed is'],
    ['seed: .inf', 'shots[1].seed is Infinity; a seed is'],
    ['seed: 1e999', 'shots[1].seed is Infinity; a seed is'],
    ['seed: 99999999999999999999', 'a seed is'],
    ['seed: "7"', 'shots[1].seed is "7"; a seed is'],
    ['guidance: -.inf', 'guidance is a number from 0 to 30'],
    ['steps: 0', 'steps is a whole number of denoising steps from 1 to 200'],
    [
      'sampler: midpoint',
      'shots[1].sampler is "midpoint"; a sampler is ddim, ddpm, euler, euler-ancestral, dpmpp-2m, dpmpp-2m-sde, heun or unipc',
    ],
    ['quality: best', 'shots[1].quality is "best"; a quality is draft, standard or high'],
    ['rescale: 1.5', 'shots[1].rescale is 1.5; rescale is'],
    ['samplr: unipc', 'is not a key of a shot; did you mean sampler?'],
    ['freeu: 1', 'freeu is true, false, or a map'],
    ['freeu: { b1: 1, b2: 1, s1: 1 }', 'shots[1].freeu.s2 is missing; a FreeU factor is'],
    ['freeu: { b1: 1, b2: 1, s1: 1, s2: 9 }', 'shots[1].freeu.s2 is 9; a FreeU factor is'],
    ['freeinit: 3', 'shots[1].freeinit is 3; freeinit is true, false, or a map with iterations, filter, order'],
    [
      'freeinit: { iterations: 1 }',
      'shots[1].freeinit.iterations is 1; iterations is how often FreeInit samples a clip',
    ],
    ['freeinit: { iterations: 11 }', 'a whole number from 2 to 10'],
    ['freeinit: { filter: boxcar }', 'a filter is butterworth, gaussian, ideal or box'],
    ['freeinit: { order: 0 }', 'order is how steep a butterworth filter is, a whole number from 1 to 20'],
    ['freeinit: { spatial: 0 }', "spatial is a stop frequency of FreeInit's filter, a number from 0.01 to 1"],
    ['freeinit: { temporal: 1.5 }', "temporal is a stop frequency of FreeInit's filter, a number from 0.01 to 1"],
    ['freeinit: { temporal: .nan }', 'shots[1].freeinit.temporal is NaN; temporal is a stop frequency'],
    ['freeinit: { coarseToFine: 1 }', 'coarseToFine is true or false'],
    ['freeinit: { show: 0 }', 'show is the iteration that the shot shows, a whole number from 1 to 10'],
    ['freeinit: { iteration: 3 }', 'shots[1].freeinit.iteration is not a key of freeinit; did you mean iterations?'],
    ['join: { kind: seine, known: 5 }', 'shots[1].join.known is 5; known is how many'],
    ['join: { kind: seine, know: 2 }', 'shots[1].join.know is not a key of a join; did you mean known?'],
    ['join: { kind: dissolve, known: 2 }', 'a dissolve has no known'],
    ['join: []', 'shots[1].join is a list of 0; a join is'],
    ['join:', 'shots[1].join is empty; a join is'],
    ['negative: null', 'shots[1].negative is empty; a negative prompt is'],
    ['negative: "a\\u0000b"', 'without control characters'],
    ['negative: "\\uD800"', 'without control characters'],
    ['__proto__: { seed: 1 }', 'shots[1].__proto__ is not a key of a shot'],
    ['constructor: 1', 'shots[1].constructor is not a key of a shot'],
    ['toString: 1', 'shots[1].toString is not a key of a shot'],
    ['"a b\\n": 1', 'shots[1]."a b\\n" is not a key of a shot'],
  ])('a shot with %p', (more, expected) => {
    const [problem, ...others] = problemsOf(twoShots(`    ${more}`));
    expect(others).toEqual([]);
    expect(problem?.message).toContain(expected);
    expect(problem?.line).toBe(6);
  });

  test.each([
    ['{ 0.5: a, 1: b }', 'shots[0].prompts begins at 0.5; the first prompt stands at 0, the beginning of the shot'],
    ['{}', 'shots[0].prompts is empty; the first prompt stands at 0'],
    ['{ 0: a, 2: b }', 'shots[0].prompts.2 is no place in the shot; places are numbers from 0, its beginning, to 1'],
    ['{ 0: a, end: b }', 'shots[0].prompts.end is no place in the shot'],
    ['{ 0: a, "1e0": b }', 'is no place in the shot'],
    ['{ 0: a, "0.50": b, 0.5: c }', 'shots[0].prompts has a place twice; give each prompt one of its own'],
    ['{ 0: a, 1: "" }', 'shots[0].prompts.1 is ""; a prompt is a text of 1 to 400 characters'],
    ['[a, b]', 'shots[0].prompts is a list of 2; prompts is a map of places in the shot'],
    [
      `{ ${Array.from({ length: 17 }, (_, i) => `${i / 20}: a`).join(', ')} }`,
      'shots[0].prompts has 17 places; a shot has at most 16; make two shots of it',
    ],
  ])('prompts of %p', (prompts, expected) => {
    const problems = problemsOf(lines('shots:', '  - id: a', `    prompts: ${prompts}`));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(expected);
    expect(problems[0]?.line).toBe(3);
  });

  test('a shot that continues has no FreeInit of its own, and may say so', () => {
    const continued = (freeinit: string): string => twoShots('    continue: true', `    freeinit: ${freeinit}`);
    const [problem, ...others] = problemsOf(continued('{ iterations: 3 }'));
    expect(others).toEqual([]);
    expect(problem?.message).toBe(
      'shots[1].freeinit is a map; FreeInit is for shots made from words alone; take this or continue out',
    );
    expect(parse(continued('false')).shots[1]?.sampling.freeinit).toBe(false);
  });

  test.each(['prompts: { 0: a }', 'freenoise: true'])('a shot that continues with %p', (more) => {
    const text = twoShots('    continue: true', `    ${more}`).replace(
      /\n    prompt: a blue ball/,
      more.startsWith('p') ? '' : '$&',
    );
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain('a shot with continue is made in one clip and has one prompt');
  });

  test.each(['../x', 'a/b', 'A', '-a', 'a.b', 'x'.repeat(41), 'a b', 'é', '', '%2e%2e', 'con:'])(
    'the id %p is refused',
    (id) => {
      const text = JSON.stringify({ shots: [{ id, prompt: 'p' }] });
      expect(problemsOf(text)).toMatchObject([{ path: 'shots[0].id' }]);
      expect(problemsOf(JSON.stringify({ models: id, shots: [{ id: 'a', prompt: 'p' }] }))).toMatchObject([
        { path: 'models' },
      ]);
    },
  );

  test.each([
    ['', 'the script is empty; a story script is a map'],
    ['[]', 'the script is a list of 0; a story script is a map'],
    ['hello', 'the script is "hello"; a story script'],
    ['title: x', 'shots is missing; shots is a list'],
    ['shots: []', 'shots is a list of 0; a story has at least one shot'],
    ['shots: [1]', 'shots[0] is 1; a shot is a map of keys and values'],
    ['shots: {}', 'shots is a map; shots is a list'],
    ['output: big\nshots: [{ id: a, prompt: p }]', 'output is "big"; output is a size (360p, 480p'],
    ['output: 17x16\nshots: [{ id: a, prompt: p }]', 'output is "17x16"; output is a size'],
    ['output: 7680x7680\nshots: [{ id: a, prompt: p }]', 'output is 7680x7680; a frame has at most'],
    ['output: { shape: 1:20 }\nshots: [{ id: a, prompt: p }]', 'output.shape is "1:20"; shape is width to height'],
    [
      'output: { shape: 9:16, width: 100, height: 100 }\nshots: [{ id: a, prompt: p }]',
      'output.shape is "9:16"; a shape makes the other side follow, and both are said',
    ],
    ['output: { shape: 1:1, width: 7680 }\nshots: [{ id: a, prompt: p }]', 'output is 7680x7680; a frame has at most'],
    [
      'shots: [{ id: a, prompt: p, focus: far }]',
      'shots[0].focus is "far"; focus is left, top, middle, right or bottom',
    ],
    ['shots: [{ id: a, prompt: p, focus: 2 }]', 'shots[0].focus is 2; focus is left'],
    [
      'output: { width: 7680, height: 7680 }\nshots: [{ id: a, prompt: p }]',
      'output is 7680x7680; a frame has at most 33177600',
    ],
    [
      'defaults: { join: { kind: cut, seconds: 1 } }\nshots: [{ id: a, prompt: p }]',
      'defaults.join.seconds is 1; a cut has no seconds, only a seine, dissolve, fade or wipe join has',
    ],
    [
      'defaults: { join: { kind: cut, known: 1 } }\nshots: [{ id: a, prompt: p }]',
      'defaults.join.known is 1; a cut has no',
    ],
    ['title: a\ntitle: b', 'a key is written twice'],
    ['title: [', 'a { or [ before this place is not closed'],
    ['title: !!js/function "x"\nshots: []', 'holds ! at its beginning, which YAML takes for its own'],
    ['a: 1\n---\nb: 2', 'a second document begins here'],
    ['title: *nothing', 'has aliases that cannot be used'],
  ])('a script of %p', (text, expected) => {
    expect(problemsOf(text)[0]?.message).toContain(expected);
  });

  test('include keys that are no texts', () => {
    expect(problemsOf(twoShots('    ? [1, 2]', '    : 3'))).toEqual([
      expect.objectContaining({ message: expect.stringContaining('is not a key of a shot') as unknown }),
    ]);
  });

  test('are at most fifty, however many there are', () => {
    expect(problemsOf(`shots:\n${'  - {}\n'.repeat(100)}`)).toHaveLength(50);
  });

  test('name the line of a value that an alias brought in', () => {
    const text = lines('defaults: &d', '  steps: 0', 'output: *d', 'shots: [{ id: a, prompt: p }]');
    expect(problemsOf(text)).toMatchObject([
      { path: 'output.steps', line: 2 },
      { path: 'defaults.steps', line: 2 },
    ]);
  });
});
