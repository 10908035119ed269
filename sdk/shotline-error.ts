import type { ProblemAnswer, ScriptProblemAnswer } from '../serve/answers.ts';

/** What the interface refused, and what to do. */
export class ShotlineError extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Stable: `SCRIPT_INVALID`, `TOO_EARLY`, …; docs/studio.md and docs/operations.md have them all. */
  readonly code: string;
  /** Where in the script or request: `shots[2].prompt`. */
  readonly path: string | null;
  /** Line of the script, from 1. */
  readonly line: number | null;
  /** The next step. */
  readonly next: string | null;
  /** Every problem of a script. */
  readonly problems: readonly ScriptProblemAnswer[];

  /** @param problem As the interface answered it. */
  constructor(problem: ProblemAnswer) {
    super(problem.detail);
    this.name = 'ShotlineError';
    this.status = problem.status;
    this.code = problem.code;
    this.path = problem.path;
    this.line = problem.line;
    this.next = problem.next;
    this.problems = problem.problems;
  }
}

/** The error of an answer that is none of the interface, as a proxy gives it. */
export function foreignAnswer(status: number, text: string): ShotlineError {
  return new ShotlineError({
    type: 'about:blank',
    title: 'Not an answer of Shotline',
    status,
    detail: `something answered with status ${String(status)} that is not \`shotline serve\`: ${JSON.stringify(text.slice(0, 120))}`,
    code: 'ANSWER_FOREIGN',
    path: null,
    line: null,
    next: 'look at the address that the client was given, and at proxies on the way to it',
    problems: [],
  });
}
