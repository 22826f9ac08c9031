import { ApiProblem } from './problem.ts';
import type { ApiRequest } from './request.ts';

const MAX_BODY_BYTES = 1_048_576;

/** No job is nested deeper than seven; what is recursive here must not be led to the end of the stack. */
const MAX_DEPTH = 64;

/**
 * A request's body as JSON; `undefined` when there is none.
 *
 * @param types the media types that are taken; a request that names none is taken at its word
 * @throws {ApiProblem} BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE or BODY_NOT_JSON
 */
export function readJson(request: ApiRequest, types: readonly string[]): unknown {
  const { body } = request;
  if (body.length === 0) return undefined;
  if (body.length > MAX_BODY_BYTES) {
    throw new ApiProblem(
      'BODY_TOO_LARGE',
      `a body must have at most ${MAX_BODY_BYTES} bytes, got ${body.length}`,
    );
  }
  demandType(request, types);
  const value = parse(decode(body));
  if (isDeeperThan(value, MAX_DEPTH)) {
    throw new ApiProblem('BODY_NOT_JSON', `the body must not be nested deeper than ${MAX_DEPTH}`);
  }
  return value;
}

function demandType({ headers }: ApiRequest, types: readonly string[]): void {
  const given = headers['content-type'];
  if (given === undefined) return;
  const type = given.split(';')[0]?.trim().toLowerCase() ?? '';
  if (types.includes(type)) return;
  const allowed = types.join(' or ');
  throw new ApiProblem('UNSUPPORTED_MEDIA_TYPE', `content-type must be ${allowed}, got ${type}`, {
    headers: { accept: types.join(', ') },
  });
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new ApiProblem('BODY_NOT_JSON', 'the body must be UTF-8', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The engine's own message may quote the body.
    const place = /\(line \d+ column \d+\)/.exec(cause instanceof Error ? cause.message : '')?.[0];
    const where = place ? ` ${place}` : '';
    throw new ApiProblem('BODY_NOT_JSON', `the body must be JSON, it is not${where}`, { cause });
  }
}

/** Iterative, since a megabyte holds half a million brackets. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((part) => Object.values(part)).filter(isContainer);
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
