/**
 * What a clip should show, by dimension of VBench, for models that read words: unlike those with a fixed list of them, they must be
 * told the words before they look. JSON-plain.
 */
export interface Asked {
  /** The style, such as `oil painting`, as the suite has it. */
  readonly appearance_style?: string;
}

/** The part of a set that answers each question. */
export const readerOf = { appearance_style: 'image-text' } as const satisfies Record<keyof Asked, string>;
