import { describe, expect, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { parseScript } from './parse-script.ts';
import type { StoryScript } from './script.ts';

const parse = (text: string): StoryScript => parseScript(text, { fileName: 'story.yaml' });
/** A story of one shot, with lines of its own and of the shot's. */
const story = (lines: string, ofShot = ''): string =>
  `${lines}\nshots:\n  - id: dawn\n    prompt: a red boat\n${ofShot.replace(/^/gm, '    ')}\n`;
const problemsOf = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof PipelineError) return error.message;
    throw error;
  }
  throw new Error('the script has no problem');
};

describe('what a script says of sound', () => {
  test('is nothing when it says nothing', () => {
    const script = parse(story(''));
    expect(Object.keys(script)).toEqual(['title', 'output', 'models', 'shots']);
    expect(Object.keys(script.shots[0]!)).toEqual(['id', 'prompt', 'sampling', 'join']);
  });

  test('may be a word: the file of a soundtrack, of a sound, of a narration, or what is said', () => {
    const said = parse(story('soundtrack: music.mp3\nvoice: de', 'sound: rain.wav\nsay: Es war einmal'));
    expect(said.soundtrack).toEqual({ file: { source: 'music.mp3', key: null }, fade: { in: 0, out: 2 } });
    expect(said.shots[0]).toMatchObject({
      sound: { file: { source: 'rain.wav', key: null } },
      narration: { text: 'Es war einmal', voice: 'de' },
    });
    expect(parse(story('', 'narration: s3://bucket/voice.wav')).shots[0]?.narration).toEqual({
      file: { source: 's3://bucket/voice.wav', key: null },
    });
  });

  test('may be a map, of which only what changes something is kept', () => {
    const script = parse(
      story(
        'soundtrack: { file: music.mp3, from: 3.5, volume: 0.5, fade: { out: 4 }, loop: true }\nvoice: { name: en-gb, speed: 1.2 }',
        'sound: { file: rain.wav, from: 0, volume: 1 }\nsay: { text: Hello, voice: en-us, volume: 2, delay: 0.5 }',
      ),
    );
    expect(script.soundtrack).toEqual({
      file: { source: 'music.mp3', key: null },
      from: 3.5,
      volume: 0.5,
      fade: { in: 0, out: 4 },
      loop: true,
    });
    expect(script.shots[0]?.sound).toEqual({ file: { source: 'rain.wav', key: null } });
    expect(script.shots[0]?.narration).toEqual({ text: 'Hello', voice: 'en-us', speed: 1.2, volume: 2, delay: 0.5 });
  });

  test('may stand in the defaults, and none takes it out of a shot', () => {
    const text =
      'defaults: { sound: rain.wav }\nshots:\n  - { id: a, prompt: a boat }\n  - { id: b, prompt: a boat, sound: none }';
    expect(parse(text).shots.map(({ sound }) => sound?.file.source)).toEqual(['rain.wav', undefined]);
  });

  test('is coded as asked, for the whole film', () => {
    const audio = (written: string): StoryScript['audio'] => parse(story(`output: { audio: ${written} }`)).audio;
    expect(audio('opus')).toEqual({ codec: 'opus', loudness: -16, duck: 12 });
    expect(audio('silent')).toEqual({ codec: 'aac', loudness: -16, duck: 12, silent: true });
    expect(audio('{ loudness: -23, duck: 6 }')).toEqual({ codec: 'aac', loudness: -23, duck: 6 });
    expect(audio('{ loudness: none }')?.loudness).toBeNull();
  });

  test('does not change what the film looks like', () => {
    expect(parse(story('output: { audio: opus }')).output).toEqual(parse(story('')).output);
  });
});

describe('what is wrong with the sound of a script is told with line, rule and next step', () => {
  test.each([
    ['soundtrack: { file: m.mp3, volume: 9 }', '', /line 1: soundtrack\.volume is 9; volume is a factor, .* 0 .* to 4/],
    ['soundtrack: { volume: 1 }', '', /line 1: soundtrack\.file is missing; a sound is a path/],
    ['soundtrack: { file: m.mp3, fadeout: 2 }', '', /soundtrack\.fadeout is not a key of soundtrack/],
    [
      'soundtrack: { file: m.mp3, fade: { on: 1 } }',
      '',
      /soundtrack\.fade\.on is not a key of fade; did you mean (in|out)\?/,
    ],
    ['soundtrack: https://example.com/m.mp3', '', /line 1: soundtrack is "https:.*; a sound is a path .* s3:/],
    ['output: { audio: mp3 }', '', /line 1: output\.audio is "mp3"; audio is aac, opus or silent/],
    [
      'output: { audio: { loudness: -60 } }',
      '',
      /output\.audio\.loudness is -60; loudness is a number of LUFS from -40 to -5/,
    ],
    ['voice: "../x"', '', /line 1: voice is "\.\.\/x"; a voice is a name/],
    ['', 'say: ""', /line 5: shots\[0\]\.say is ""; say is a text of 1 to 1000 characters/],
    ['', 'say: { text: Hi, speed: 9 }', /shots\[0\]\.say\.speed is 9; speed is how fast a voice speaks/],
    ['', 'say: Hi\nnarration: hi.wav', /line 5: shots\[0\]\.say is "Hi"; the shot has a narration as well.*take one/],
    ['', 'narration: { file: hi.wav, delay: -1 }', /shots\[0\]\.narration\.delay is -1; delay is how long/],
    ['', 'sound: 3', /line 5: shots\[0\]\.sound is 3; sound is a sound file, none, or a map/],
  ])('%j %j', (lines, ofShot, expected) => {
    expect(problemsOf(story(lines, ofShot))).toMatch(expected);
  });
});
