import type { FastifyError } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { faultOf } from '../client/fault.ts';
import type { Fault } from '../client/fault.ts';
import { nextStepFor } from '../client/next-steps.ts';
import type { ErrorCode } from '../errors/pipeline-error.ts';
import type { ProblemAnswer } from './answers.ts';

/** Codes of the server itself, each with its status. */
const serverCodes = {
  REQUEST_INVALID: 400,
  KEY_MISSING: 401,
  ORIGIN_FOREIGN: 403,
  HOST_UNKNOWN: 421,
  NOT_FOUND: 404,
  METHOD_UNKNOWN: 405,
  TOO_EARLY: 409,
  STORY_OVER: 409,
  KEY_BUSY: 409,
  TOO_LARGE: 413,
  TYPE_UNKNOWN: 415,
  KEY_REUSED: 422,
  TOO_MANY: 429,
} as const;

/** A code of the server. */
export type ServerCode = keyof typeof serverCodes;

const pipelineStatus = {
  SCRIPT_INVALID: 422,
  MODEL_UNKNOWN: 422,
  MODEL_INVALID: 422,
  MODEL_CORRUPT: 503,
  RESOURCE_MEMORY: 503,
  RESOURCE_DISK: 507,
  RESOURCE_ENGINE: 503,
  STORAGE_UNAVAILABLE: 503,
  STORAGE_DENIED: 503,
  ARTIFACT_MISSING: 409,
  ARTIFACT_CORRUPT: 409,
  NUMERIC_INVALID: 500,
  MEDIA_FAILED: 500,
  SETTING_INVALID: 500,
  STACK_UNAVAILABLE: 503,
  ITEM_STOPPED: 409,
  RELEASE_MISMATCH: 409,
  WORKER_UNFIT: 503,
  INTERNAL: 500,
} as const satisfies Record<ErrorCode, number>;

/** The answer to what is no whole request, by Node's code for it. */
export function brokenRequest(code: string | undefined): { readonly status: number; readonly body: ProblemAnswer } {
  const found = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? late : code === 'HPE_HEADER_OVERFLOW' ? wide : broken;
  const [status, detail, next] = found;
  return { status, body: problem('REQUEST_INVALID', status, detail, { next }) };
}

const late = [408, 'the request did not come whole within a minute', 'send it faster, or in parts'] as const;
const wide = [431, 'the headers have more than 16384 bytes', 'send fewer cookies and shorter headers'] as const;
const broken = [400, 'the request is no HTTP/1.1', 'look at what stands between the client and the server'] as const;

/** Something that a request may not do, or asks too early. */
export class RequestError extends Error {
  readonly code: ServerCode;
  /** What to do. */
  readonly next: string | null;

  /** @param message What was found, and the rule. */
  constructor(code: ServerCode, message: string, next: string | null = null) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.next = next;
  }
}

/** The answer to a request that failed. What nobody foresaw tells nothing of itself: the log has it. */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof RequestError) {
    return problem(error.code, serverCodes[error.code], error.message, { next: error.next });
  }
  if (hasZodFastifySchemaValidationErrors(error)) return validationProblem(error);
  const fault = faultOf(error);
  if (fault !== null) return faultProblem(fault);
  const { code, statusCode, message } = error as Partial<FastifyError>;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    const own = statusCode === 413 ? 'TOO_LARGE' : statusCode === 415 ? 'TYPE_UNKNOWN' : 'REQUEST_INVALID';
    return problem(own, statusCode, message ?? code ?? 'the request is wrong', { next: nextFor(own) });
  }
  return problem('INTERNAL', 500, 'the server met something that nobody foresaw; its log has it', {
    next: nextStepFor('INTERNAL'),
  });
}

const nextFor = (code: ServerCode): string | null =>
  code === 'TOO_LARGE' ? 'send less; /docs says how much each call takes' : '/docs describes every call';

function validationProblem(error: { readonly validation: readonly unknown[] }): ProblemAnswer {
  const issues = (error.validation as readonly { instancePath?: string; message?: string }[]).map((issue) => ({
    path: (issue.instancePath ?? '').replace(/^\//, '').replaceAll('/', '.'),
    line: null,
    message: issue.message ?? 'is wrong',
  }));
  const told = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  return problem('REQUEST_INVALID', 400, `the request is wrong: ${told}`, {
    path: issues[0]?.path ?? null,
    next: nextFor('REQUEST_INVALID'),
    problems: issues,
  });
}

function faultProblem({ code, message, problems }: Fault): ProblemAnswer {
  if (code === 'ABSENT') return problem('NOT_FOUND', 404, message, { next: 'GET /v1/stories lists the stories' });
  if (code === 'USAGE') return problem('STORY_OVER', 409, message);
  const [first] = problems;
  return problem(code, pipelineStatus[code], message, {
    path: first === undefined || first.path === '' ? null : first.path,
    line: first?.line ?? null,
    next: nextStepFor(code),
    problems: [...problems],
  });
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request is wrong',
  401: 'A key is needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not a method of this address',
  408: 'Too slow',
  409: 'Not at this moment',
  413: 'Too large',
  415: 'Unknown kind of content',
  421: 'Another host',
  422: 'The content is wrong',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'An error of the server',
  503: 'Not available',
  507: 'No space',
};

function problem(
  code: string,
  status: number,
  detail: string,
  more: Partial<Pick<ProblemAnswer, 'path' | 'line' | 'next' | 'problems'>> = {},
): ProblemAnswer {
  const title = titles[status] ?? 'Error';
  const { path = null, line = null, next = null, problems = [] } = more;
  return { type: `/docs#${code}`, title, status, detail, code, path, line, next, problems };
}

/** Every code that the server answers with, and its status. */
export const problemCodes: Readonly<Record<string, number>> = { ...serverCodes, ...pipelineStatus };
