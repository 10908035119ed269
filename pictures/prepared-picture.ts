/** A picture as the pipeline takes it: upright, opaque, not too large. */
export interface PreparedPicture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue planes, `3 × height × width` bytes. */
  readonly planes: Uint8Array;
}
