/** How large a picture may be. What is larger is refused before anything is decoded. */
export const pictureLimits = {
  /** Bytes of a file. */
  bytes: 32 * 1024 * 1024,
  /** Pixels of either side. */
  side: 16_384,
  /** Pixels of the whole picture: 160 MB once decoded. */
  pixels: 40_000_000,
  /** Passes over the pixels that a progressive JPEG may make; real files have about ten. */
  scans: 64,
  /** Longer side of what is uploaded; a larger picture is made smaller, for no base model sees that much. */
  preparedSide: 1280,
} as const;
