/** Messages as protocol buffers write them: https://protobuf.dev/programming-guides/encoding */

/** Fields one behind the other. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, field) => sum + field.length, 0));
  let place = 0;
  for (const field of fields) {
    whole.set(field, place);
    place += field.length;
  }
  return whole;
}

/** A field with bytes in it. */
export function part(field: number, bytes: Uint8Array): Uint8Array {
  return message(varint(BigInt(field * 8 + 2)), varint(BigInt(bytes.length)), bytes);
}

/** A field with a text in it. */
export function text(field: number, value: string): Uint8Array {
  return part(field, new TextEncoder().encode(value));
}

/** A field with a whole number in it, not below 0. */
export function number(field: number, value: bigint): Uint8Array {
  return message(varint(BigInt(field * 8)), varint(value));
}

/** A field with a float in it. */
export function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return message(varint(BigInt(field * 8 + 5)), bytes);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low + 128);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** A field of a message that was read. */
export interface Field {
  readonly number: number;
  /** What it holds, when it is bytes, a text or a message. */
  readonly bytes: Uint8Array | null;
  /** All of it as it stands in the file. */
  readonly whole: Uint8Array;
}

/** The fields of a message, in order. @throws RangeError when the bytes are none. */
export function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const readVarint = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the message ends within a number');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  };
  while (at < bytes.length) {
    const from = at;
    const tag = readVarint();
    const kind = tag % 8;
    let held: Uint8Array | null = null;
    if (kind === 0) readVarint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = readVarint();
      held = bytes.subarray(at, at + length);
      at += length;
    } else throw new RangeError(`a field has kind ${String(kind)}, which nothing has`);
    if (at > bytes.length) throw new RangeError('the message ends within a field');
    fields.push({ number: Math.floor(tag / 8), bytes: held, whole: bytes.subarray(from, at) });
  }
  return fields;
}
