import type { ScriptProblem } from '../story/script/read-script.ts';
import type { StoryScript } from '../story/script/script.ts';

/** A codec of a film, a preview or a sound. */
export type NamedCodec = 'h264' | 'hevc' | 'av1' | 'vp9' | 'prores' | 'gif' | 'webp' | 'aac' | 'opus';

/** The encoder of a codec that a build of FFmpeg lacks; `null` when it is there. */
export type MissingEncoder = (codec: NamedCodec) => string | null;

/** Codecs that a script names, and where. */
function codecsOf({
  output,
  outputs = [],
  audio,
}: StoryScript): readonly (readonly [path: string, codec: NamedCodec])[] {
  return [
    ...(output.encoding === undefined ? [] : [['output.codec', output.encoding.codec] as const]),
    ...outputs.flatMap((file) => {
      const codec = 'codec' in file ? file.codec : 'encoding' in file ? file.encoding.codec : undefined;
      return codec === undefined ? [] : [[`outputs.${file.name}.codec`, codec] as const];
    }),
    ...(audio?.codec === undefined || audio.codec === 'aac' ? [] : [['output.audio.codec', audio.codec] as const]),
  ];
}

/**
 * Codecs that FFmpeg on this machine cannot write: workers here cannot either. Those elsewhere may, so it is a warning. Where a script says nothing of
 * codecs, nothing is loaded.
 *
 * @param missing Asks a build; absent: that of this machine.
 */
export async function codecWarnings(script: StoryScript, missing?: MissingEncoder): Promise<ScriptProblem[]> {
  const codecs = codecsOf(script);
  if (codecs.length === 0) return [];
  const ask = missing ?? (await import('../media/encodings.ts')).missingEncoder;
  return codecs.flatMap(([path, codec]) => {
    const encoder = ask(codec);
    if (encoder === null) return [];
    const message = `${path} is ${codec}, and FFmpeg on this machine has no encoder for it (${encoder}): a worker here cannot make the file; install node-av with its prebuilt binary (\`npm ci\`), or say another codec`;
    return [{ path, line: null, message }];
  });
}
