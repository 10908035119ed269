import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PipelineError } from '../errors/pipeline-error.ts';
import { readSource } from '../sources/read-source.ts';
import type { FileSources } from '../sources/read-source.ts';
import type { ScriptPath } from '../story/script/read-script.ts';
import type { StoryScript } from '../story/script/script.ts';
import type { Finding } from '../story/script/script-problems.ts';
import { writtenPath } from '../story/script/script-problems.ts';
import type { SoundRef } from '../story/script/sound.ts';
import { prepareSound, soundFault } from './prepare-sound.ts';
import type { PreparedSound } from './prepare-sound.ts';

/** A sound of a script that was read and found good. */
export interface CollectedSound {
  /** Key of its artifact: sha256 of what is uploaded. */
  readonly key: string;
  /**
   * Writes what is uploaded to a file, again: it is not kept until then.
   * @throws PipelineError `SCRIPT_INVALID` when the sound was changed or lost since.
   */
  readonly write: (file: string) => Promise<void>;
}

/** A script whose sounds were all read. */
export interface SoundScript {
  /** The script with the key and the length of each sound in it. */
  readonly script: StoryScript;
  /** Its different sounds. */
  readonly sounds: readonly CollectedSound[];
  /** What was wrong with the others; then the script is not complete. */
  readonly findings: readonly Finding[];
}

/** Bytes of a sound file: ten minutes of the largest that recorders write. */
const soundRule = { noun: 'sound', bytes: 512 * 1024 * 1024 } as const;

/** A sound where the script names it. */
interface NamedSound {
  readonly path: ScriptPath;
  readonly file: SoundRef;
}

/** The sounds that a script names, and where. */
export function namedSounds({ soundtrack, shots }: StoryScript): readonly NamedSound[] {
  return [
    ...(soundtrack === undefined ? [] : [{ path: ['soundtrack'], file: soundtrack.file }]),
    ...shots.flatMap(({ sound, narration }, index): NamedSound[] => [
      ...(sound === undefined ? [] : [{ path: ['shots', index, 'sound'], file: sound.file }]),
      ...(narration === undefined || 'text' in narration
        ? []
        : [{ path: ['shots', index, 'narration'], file: narration.file }]),
    ]),
  ];
}

/**
 * Reads, checks and decodes the sounds of a script, each source once. Sounds that have a key are left alone.
 * @throws PipelineError `STORAGE_UNAVAILABLE` when an `s3://` sound cannot be asked for; what is wrong with a sound is a finding.
 */
export async function collectSounds(script: StoryScript, sources: FileSources): Promise<SoundScript> {
  const bySource = new Map<string, PreparedSound | string>();
  const findings: Finding[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'shotline-sounds-'));
  const file = join(folder, 'sound.flac');
  try {
    for (const { path, file: ref } of namedSounds(script)) {
      if (ref.key !== null) continue;
      const found = bySource.get(ref.source) ?? (await prepare(ref.source, sources, file));
      bySource.set(ref.source, found);
      if (typeof found !== 'string') continue;
      findings.push({ path, message: `${writtenPath(path)} is ${JSON.stringify(ref.source)}, which ${found}` });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const sounds = new Map<string, CollectedSound>();
  for (const [source, found] of bySource) {
    if (typeof found === 'string') continue;
    sounds.set(found.key, { key: found.key, write: (target) => writeAgain(source, sources, found.key, target) });
  }
  return { script: withKeys(script, bySource), sounds: [...sounds.values()], findings };
}

/** The sound behind a source, or what is wrong with it. */
async function prepare(source: string, sources: FileSources, file: string): Promise<PreparedSound | string> {
  try {
    return await prepareSound(await readSource(source, sources, soundRule), file);
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'SCRIPT_INVALID') return error.message;
    throw error;
  }
}

async function writeAgain(source: string, sources: FileSources, key: string, file: string): Promise<void> {
  const again = await prepare(source, sources, file);
  if (typeof again !== 'string' && again.key === key) return;
  throw soundFault(`${JSON.stringify(source)} was changed while the story was submitted; submit it again`);
}

function withKeys(script: StoryScript, bySource: ReadonlyMap<string, PreparedSound | string>): StoryScript {
  const keyed = <Placed extends { readonly file: SoundRef }>(sound: Placed): Placed => {
    const found = bySource.get(sound.file.source);
    if (sound.file.key !== null || found === undefined || typeof found === 'string') return sound;
    return { ...sound, file: { source: sound.file.source, ...found } };
  };
  return {
    ...script,
    ...(script.soundtrack === undefined ? {} : { soundtrack: keyed(script.soundtrack) }),
    shots: script.shots.map((shot) => {
      const { sound, narration } = shot;
      return {
        ...shot,
        ...(sound === undefined ? {} : { sound: keyed(sound) }),
        ...(narration === undefined ? {} : { narration: 'text' in narration ? narration : keyed(narration) }),
      };
    }),
  };
}
