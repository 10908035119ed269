import type { ScriptProblem } from './read-script.ts';

/** A script file as text. */
export type DecodedScript = { readonly text: string } | { readonly problems: readonly ScriptProblem[] };

/**
 * Finds the encoding of a script as YAML 1.2.2, section 5.2 does, from its first bytes: UTF-8, or UTF-16 as some shells write it. Other
 * bytes are no text: half a title is worse than none.
 */
export function decodeScript(bytes: Uint8Array): DecodedScript {
  const encoding = encodingOf(bytes);
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { problems: [notText(bytes, encoding)] };
  }
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

function encodingOf([first, second]: Uint8Array): Encoding {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== undefined && second !== 0)) return 'utf-16be';
  return 'utf-8';
}

function notText(bytes: Uint8Array, encoding: Encoding): ScriptProblem {
  if (encoding !== 'utf-8') {
    return { path: '', line: 1, message: 'the script begins as UTF-16 and is damaged; save it as UTF-8' };
  }
  const at = firstWrong(bytes);
  const line = bytes.subarray(0, at).reduce((count, byte) => count + Number(byte === 10), 1);
  const byte = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  return {
    path: '',
    line,
    message: `the line holds a byte (0x${byte}) that is no UTF-8, as in files of an older code page; save the script as UTF-8`,
  };
}

/** Offset of the first byte of what is no character. */
function firstWrong(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let start = 0;
  for (let at = 0; at < bytes.length; at++) {
    try {
      if (decoder.decode(bytes.subarray(at, at + 1), { stream: true }) !== '') start = at + 1;
    } catch {
      break;
    }
  }
  return start;
}
