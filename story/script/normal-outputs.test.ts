import { describe, expect, test } from '@jest/globals';
import { lines, oneShot, problemsOf } from '../../test/fakes/example-script.ts';
import { sizeOfFile, sizesOfStream } from './output-files.ts';
import { parseScript } from './parse-script.ts';

const parse = (...head: string[]) => parseScript(oneShot(...head), { fileName: 'story.yaml' });
const messages = (...head: string[]): string =>
  problemsOf(oneShot(...head))
    .map(({ line, message }) => `${String(line)}: ${message}`)
    .join('\n');

describe('how a film is coded', () => {
  test('is as its segments are when nothing is said, or nothing else than that', () => {
    expect(Object.keys(parse().output)).toEqual(['width', 'height', 'fps']);
    expect(parse('output: { codec: h264, depth: 8 }').output).toEqual(parse().output);
  });

  test('has a quality or a bitrate, and the bits that its codec has', () => {
    expect(parse('output: { codec: hevc, depth: 10 }').output.encoding).toEqual({
      codec: 'hevc',
      depth: 10,
      quality: 20,
    });
    expect(parse('output: { quality: 23 }').output.encoding).toEqual({ codec: 'h264', depth: 8, quality: 23 });
    expect(parse('output: { codec: vp9, bitrate: 1.5M }').output.encoding).toEqual({
      codec: 'vp9',
      depth: 8,
      bitrate: 1_500_000,
    });
    expect(parse('output: { codec: prores }').output.encoding).toEqual({ codec: 'prores', depth: 10 });
  });

  test.each([
    ['output: { codec: h265 }', '4: output.codec is "h265"; codec is h264 (every player)'],
    ['output: { quality: 20, bitrate: 8M }', 'quality is said as well; take one of the two out'],
    ['output: { codec: av1, bitrate: 8M }', 'av1 takes no bitrate here; say quality instead'],
    ['output: { codec: prores, quality: 3 }', 'prores has one quality, 422 HQ; take it out'],
    ['output: { codec: prores, depth: 8 }', 'prores has 10 bits; say that, or take it out'],
    ['output: { codec: hevc, quality: 60 }', 'the rate factor of hevc goes from 0 to 51; make it less'],
    ['output: { bitrate: 8 Mbit }', 'bitrate is how many bits a second has, from 50k to 400M'],
    ['output: { codec: hevc, width: 128, height: 32 }', '128x32; a side of hevc has at least 64 pixels'],
    ['output: { codec: prores, audio: opus }', 'a MOV file of ProRes has no Opus; say aac'],
    ['output: { depth: 12 }', 'depth is how many bits a sample has, 8 or 10'],
  ])('%s is refused', (written, message) => {
    expect(messages(written)).toContain(message);
  });
});

describe('further files', () => {
  test('are sizes, shapes or maps, by name and in the order of the script', () => {
    const script = parse(
      'outputs:',
      '  web: 1080p',
      '  upright: 9:16',
      '  small: { height: 360, codec: hevc, captions: burn, fit: pad }',
      '  look: { codec: webp }',
    );
    expect(script.outputs).toEqual([
      { name: 'web', kind: 'film', width: 1920, height: 1080 },
      { name: 'upright', kind: 'film', ratio: 9 / 16 },
      {
        name: 'small',
        kind: 'film',
        height: 360,
        captions: 'burn',
        fit: 'pad',
        encoding: { codec: 'hevc', depth: 8, quality: 20 },
      },
      { name: 'look', kind: 'preview', codec: 'webp', fps: 12 },
    ]);
  });

  test('are a stream with a ladder, the largest size first', () => {
    expect(parse('outputs: { live: { ladder: [360p, 720p] }, more: { ladder: true, codec: av1 } }').outputs).toEqual([
      { name: 'live', kind: 'stream', ladder: [720, 360], encoding: { codec: 'h264', depth: 8, quality: 21 } },
      {
        name: 'more',
        kind: 'stream',
        ladder: [1080, 720, 480, 360],
        encoding: { codec: 'av1', depth: 8, quality: 32 },
      },
    ]);
    const [live] = parse('outputs: { live: { ladder: [2160p, 720p, 360p] } }').outputs ?? [];
    const sizes = (width: number, height: number) =>
      live?.kind === 'stream'
        ? sizesOfStream(live, { width, height }).map((size) => `${size.width}x${size.height}`)
        : [];
    expect(sizes(1280, 720)).toEqual(['1280x720', '640x360']);
    expect(sizes(1080, 1920)).toEqual(['720x1280', '360x640']);
    expect(sizes(320, 180)).toEqual(['320x180']);
  });

  test('have a size that follows from the film and is never larger unless it is said', () => {
    const film = { width: 1280, height: 720 };
    const sizes = parse(
      'outputs:',
      '  upright: 9:16',
      '  wide: 2.39:1',
      '  same: { codec: av1 }',
      '  low: { height: 360 }',
      '  social: { shape: 9:16, height: 1920 }',
      '  look: { codec: gif }',
    ).outputs?.map((file) => (file.kind === 'stream' ? null : sizeOfFile(file, film)));
    expect(sizes).toEqual([
      { width: 406, height: 720 },
      { width: 1280, height: 536 },
      film,
      { width: 640, height: 360 },
      { width: 1080, height: 1920 },
      { width: 480, height: 270 },
    ]);
  });

  test.each([
    ['  Web: 1080p', '5: outputs has "Web"; the name of an output has 1 to 40 lower-case letters'],
    ['  film: 1080p', 'outputs has "film"; the name of an output'],
    ['  web: big', 'outputs.web is "big"; an output is a size'],
    ['  web: { hight: 720 }', 'outputs.web.hight is not a key of an output; did you mean height?'],
    ['  web: { height: 721 }', 'a height is an even whole number of pixels'],
    ['  web: { ladder: [700p] }', 'ladder is true, or a list of 1 to 6 sizes'],
    ['  web: { ladder: true, codec: prores }', 'players of streams know h264, hevc and av1; take one of them'],
    [
      '  web: { ladder: true, height: 720 }',
      'a stream has the sizes of its ladder and the shape of the film; take height out',
    ],
    ['  web: { fps: 12 }', 'only a preview has a rate of its own, others that of the film; take it out'],
    ['  web: { codec: gif, shape: 1:1 }', 'a preview has the shape and the words of the film; take shape out'],
    ['  web: { width: 640, height: 360, shape: 1:1 }', 'both sides are said; take one of the three out'],
    ['  web: { height: 32, codec: hevc }', 'outputs.web is 56x32; a side of hevc has at least 64 pixels'],
    ['  web: { height: 4320, shape: 10:1 }', 'outputs.web is 43200x4320; a frame has at most 33177600 pixels'],
  ])('%s is refused', (written, message) => {
    expect(messages(lines('outputs:', written))).toContain(message);
  });
});
