import { codecLimits, normalEncoding, videoCodecs } from './encoding.ts';
import type { VideoCodec, VideoEncoding, WrittenEncoding } from './encoding.ts';
import { isFileName, outputNameRule, takenNames, type WrittenOutputs } from './output-fields.ts';
import { type OutputFile, sizeOfFile } from './output-files.ts';
import { namedSize, ratioOf, type Size } from './output-size.ts';
import type { ScriptPath } from './read-script.ts';
import { scriptDefaults as defaults, scriptLimits as limits } from './script-limits.ts';
import { broken, type Finding, membersOf } from './script-problems.ts';

/** The further files of a story, in the order in which they were written. */
export function normalFiles(written: WrittenOutputs): readonly OutputFile[] {
  return Object.entries(written ?? {}).map(([name, file]) => normalFile(name, file));
}

function normalFile(name: string, written: NonNullable<WrittenOutputs>[string]): OutputFile {
  if (typeof written === 'string') {
    const ratio = ratioOf(written);
    return { name, kind: 'film', ...(ratio === null ? namedSize(written) : { ratio }) };
  }
  const { width, height, shape, fit, codec, captions, fps, ladder } = written;
  if (ladder !== undefined && ladder !== false) return normalStream(name, { ...written, ladder });
  const sides = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
  if (codec === 'gif' || codec === 'webp') {
    return { name, kind: 'preview', ...sides, codec, fps: fps ?? defaults.previewFps };
  }
  const ratio = shape === undefined ? null : ratioOf(shape);
  const encoding = normalEncoding({ ...written, codec });
  return {
    name,
    kind: 'film',
    ...sides,
    ...(ratio === null ? {} : { ratio }),
    ...(fit === 'pad' ? { fit } : {}),
    ...(captions === undefined ? {} : { captions }),
    ...(encoding === undefined ? {} : { encoding }),
  };
}

const usualLadder = ['1080p', '720p', '480p', '360p'] as const;

/** Rate factor of a stream: less than a film that is kept. */
const streamQuality = { h264: 21, hevc: 24, av1: 32 };

function normalStream(
  name: string,
  {
    ladder,
    codec,
    depth,
    quality,
    captions,
  }: Exclude<NonNullable<WrittenOutputs>[string], string> & { readonly ladder: true | readonly string[] },
): OutputFile {
  const sides = (ladder === true ? usualLadder : ladder).map((size) => Number.parseInt(size, 10));
  const coded = codec === 'hevc' || codec === 'av1' ? codec : 'h264';
  return {
    name,
    kind: 'stream',
    ladder: [...new Set(sides)].sort((a, b) => b - a),
    ...(captions === undefined ? {} : { captions }),
    encoding: { codec: coded, depth: depth ?? 8, quality: quality ?? streamQuality[coded] },
  };
}

/**
 * Rules between the keys of an output and of further ones. They look at what was written.
 *
 * @param film Size of the film; `null` when it is none.
 */
export function codecFindings(script: Readonly<Record<string, unknown>>, film: Size | null): Finding[] {
  const { output, outputs } = script;
  const own = encodingFindings(['output'], membersOf(output), film);
  const audio = membersOf(output)['audio'];
  const isOpus = audio === 'opus' || membersOf(audio)['codec'] === 'opus';
  const files = Object.entries(typeof outputs === 'object' ? membersOf(outputs) : {});
  const pattern = new RegExp(`^[a-z0-9][a-z0-9-]{0,${limits.idLength - 1}}$`);
  const unnamed = files.flatMap(([name]) =>
    pattern.test(name) && !takenNames.includes(name)
      ? []
      : [{ path: ['outputs', name], message: `outputs has ${JSON.stringify(name)}; ${outputNameRule}` }],
  );
  const codecs: [ScriptPath, unknown][] = [
    [['output', 'codec'], membersOf(output)['codec']],
    ...files.map(([name, file]): [ScriptPath, unknown] => [['outputs', name, 'codec'], membersOf(file)['codec']]),
  ];
  const silent = codecs.flatMap(([path, codec]) =>
    isOpus && codec === 'prores'
      ? [broken(path, codec, 'a MOV file of ProRes has no Opus; say aac for output.audio, or take another codec')]
      : [],
  );
  return [
    ...own,
    ...unnamed,
    ...silent,
    ...files.flatMap(([name, file]) => fileFindings(['outputs', name], file, film)),
  ];
}

function fileFindings(path: ScriptPath, written: unknown, film: Size | null): Finding[] {
  const file = membersOf(written);
  const { width, height, shape, fps, codec } = file;
  const isPreview = codec === 'gif' || codec === 'webp';
  if (file['ladder'] !== undefined && file['ladder'] !== false) return streamFindings(path, file);
  if (isPreview) {
    return ['shape', 'fit', 'depth', 'quality', 'bitrate', 'captions'].flatMap((key) =>
      file[key] === undefined
        ? []
        : [broken([...path, key], file[key], `a preview has the shape and the words of the film; take ${key} out`)],
    );
  }
  return [
    ...(width !== undefined && height !== undefined && shape !== undefined
      ? [broken([...path, 'shape'], shape, 'both sides are said; take one of the three out')]
      : []),
    ...(fps === undefined
      ? []
      : [broken([...path, 'fps'], fps, 'only a preview has a rate of its own, others that of the film; take it out')]),
    ...encodingFindings(path, file, film === null ? null : sizeOf(written, film)),
  ];
}

function streamFindings(path: ScriptPath, file: Readonly<Record<string, unknown>>): Finding[] {
  const { codec, quality } = file;
  const beside = ['width', 'height', 'shape', 'fit', 'bitrate', 'fps'].flatMap((key) =>
    file[key] === undefined
      ? []
      : [
          broken(
            [...path, key],
            file[key],
            `a stream has the sizes of its ladder and the shape of the film; take ${key} out`,
          ),
        ],
  );
  const coded =
    codec === undefined || codec === 'h264' || codec === 'hevc' || codec === 'av1'
      ? []
      : [broken([...path, 'codec'], codec, 'players of streams know h264, hevc and av1; take one of them')];
  const most = codecLimits[codec === 'av1' ? 'av1' : 'h264'].maxQuality ?? 0;
  const tooMuch =
    typeof quality === 'number' && quality > most
      ? [broken([...path, 'quality'], quality, `the rate factor goes from 0 to ${most}; make it less`)]
      : [];
  return [...beside, ...coded, ...tooMuch];
}

/** The size of a file that may be wrong elsewhere; `null` then. */
function sizeOf(written: unknown, film: Size): Size | null {
  if (typeof written === 'string') {
    const file = isFileName(written) ? normalFile('', written) : null;
    return file === null || file.kind === 'stream' ? null : sizeOfFile(file, film);
  }
  const { width, height, shape } = membersOf(written);
  const isNumber = (value: unknown): value is number | undefined => value === undefined || typeof value === 'number';
  if (!isNumber(width) || !isNumber(height)) return null;
  const ratio = typeof shape === 'string' ? (ratioOf(shape) ?? undefined) : undefined;
  return sizeOfFile({ name: '', kind: 'film', width, height, ...(ratio === undefined ? {} : { ratio }) }, film);
}

function encodingFindings(path: ScriptPath, written: Readonly<Record<string, unknown>>, size: Size | null): Finding[] {
  const { codec = 'h264', depth, quality, bitrate } = written;
  const at = (key: string): ScriptPath => [...path, key];
  if (!isCodec(codec)) return [];
  const { maxQuality, hasBitrate, depths, minSide } = codecLimits[codec];
  const findings: Finding[] = [];
  if (quality !== undefined && bitrate !== undefined) {
    findings.push(broken(at('bitrate'), bitrate, 'quality is said as well; take one of the two out'));
  }
  if (typeof quality === 'number' && maxQuality === null) {
    findings.push(broken(at('quality'), quality, `${codec} has one quality, 422 HQ; take it out`));
  } else if (typeof quality === 'number' && maxQuality !== null && quality > maxQuality) {
    findings.push(
      broken(at('quality'), quality, `the rate factor of ${codec} goes from 0 to ${maxQuality}; make it less`),
    );
  }
  if (bitrate !== undefined && !hasBitrate) {
    const other = maxQuality === null ? 'take it out' : 'say quality instead';
    findings.push(broken(at('bitrate'), bitrate, `${codec} takes no bitrate here; ${other}`));
  }
  if ((depth === 8 || depth === 10) && !depths.includes(depth)) {
    findings.push(broken(at('depth'), depth, `${codec} has ${depths.join(' or ')} bits; say that, or take it out`));
  }
  if (size !== null) findings.push(...sideFindings(path, codec, size, minSide));
  return findings;
}

function sideFindings(path: ScriptPath, codec: VideoCodec, size: Size, minSide: number): Finding[] {
  const { width, height } = size;
  const name = path.join('.');
  if (Math.min(width, height) < minSide && (codec !== 'h264' || path[0] === 'outputs')) {
    const message = `${name} is ${width}x${height}; a side of ${codec} has at least ${minSide} pixels; make it larger, or say h264`;
    return [{ path, message }];
  }
  const isTooLarge = Math.max(width, height) > limits.maxSide || width * height > limits.maxPixels;
  if (!isTooLarge || path[0] !== 'outputs') return [];
  return [
    { path, message: `${name} is ${width}x${height}; a frame has at most ${limits.maxPixels} pixels; make it smaller` },
  ];
}

function isCodec(value: unknown): value is VideoCodec {
  return videoCodecs.some((codec) => codec === value);
}

/** The encoding of `output`; absent when its segments are taken as they are. */
export function outputEncoding(written: WrittenEncoding): { readonly encoding?: VideoEncoding } {
  const encoding = normalEncoding(written);
  return encoding === undefined ? {} : { encoding };
}
