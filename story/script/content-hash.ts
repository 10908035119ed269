import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './canonical-json.ts';

/** Sha256 of a value's canonical JSON, 64 hex digits. */
export function hashOf(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}

/** A whole number from 0 to 4294967295 that follows from a value: a seed for work that nobody gave one to. */
export function seedOf(value: unknown): number {
  return Number.parseInt(hashOf(value).slice(0, 8), 16);
}
