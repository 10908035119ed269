import type { ComponentChildren, JSX } from 'preact';
import { stateWords } from './format.ts';

const paths = {
  play: 'M5 3.5v9l7.5-4.5z',
  pause: 'M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z',
  stop: 'M4 4h8v8H4z',
  dice: 'M3 3h10v10H3zM5.7 5.7h.1M10.3 5.7h.1M8 8h.1M5.7 10.3h.1M10.3 10.3h.1',
  plus: 'M8 3v10M3 8h10',
  pen: 'M3 13l.7-2.9L10.8 3l2.2 2.2-7.1 7.1z',
  seine: 'M2 10c2-6 4-6 6-2s4 4 6-2',
  dissolve: 'M3 12L13 4M3 4l10 8',
  fade: 'M2 4l6 8 6-8',
  wipe: 'M8 3v10M10.5 5.5L13 8l-2.5 2.5',
  left: 'M10 3.5L5.5 8l4.5 4.5',
  moon: 'M12.5 9.5A5 5 0 0 1 6.5 3.500a5 5 0 1 0 6 6z',
  sun: 'M8 5.200a2.800 2.800 0 1 1 0 5.600a2.800 2.800 0 0 1 0-5.600zM8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M3.400 12.600l1-1M11.600 4.400l1-1',
  auto: 'M8 3a5 5 0 1 0 0 10zM8 3a5 5 0 0 1 0 10',
  warn: 'M8 3l5.800 10H2.200zM8 7v2.800M8 11.400v.1',
} as const;

const filled: ReadonlySet<string> = new Set(['play', 'pause', 'stop']);

/** A small picture of the page's own, drawn on a grid of 16. */
export function Mark({ name }: { readonly name: keyof typeof paths }): JSX.Element {
  return (
    <svg class={`mark${filled.has(name) ? ' filled' : ''}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark of a way to join two shots. */
export function joinMark(join: string | null): keyof typeof paths {
  if (join === 'seine') return 'seine';
  if (join?.startsWith('fade') === true) return 'fade';
  return join?.startsWith('wipe') === true ? 'wipe' : 'dissolve';
}

/** A state as a dot and a word. */
export function StateMark({
  state,
  children,
}: {
  readonly state: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <span class={`state ${state}`}>
      <i aria-hidden="true" />
      {children ?? stateWords[state] ?? state}
    </span>
  );
}
