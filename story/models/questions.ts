/**
 * What a clip should show, by dimension of VBench, for models that read words: unlike those with a fixed list of them, they must be
 * told the words before they look. JSON-plain.
 */
export interface Questions {
  /** The style, such as `oil painting`, as the suite has it. */
  readonly appearance_style?: string;
  readonly object_class?: string;
  /** `bird and cat`. */
  readonly multiple_objects?: string;
  readonly color?: { readonly object: string; readonly color: string };
  readonly spatial_relationship?: {
    readonly objectA: string;
    readonly objectB: string;
    readonly relationship: string;
    /** Whether the side counts, and not the axis alone. */
    readonly sides?: boolean;
  };
  /** Whether it must stand still, to be asked whether it flickers. */
  readonly still?: true;
}

/** The part of a set that answers each question; `null` when something in the code does where no package is. */
export const readerOf = {
  appearance_style: 'image-text',
  object_class: 'finder',
  multiple_objects: 'finder',
  color: 'finder',
  spatial_relationship: 'finder',
  still: null,
} as const satisfies Record<keyof Questions, string | null>;
