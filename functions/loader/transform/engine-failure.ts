import { type FailureCode, LoadFailure } from '#shared/domain/failure.ts';

/** How DuckDB begins its messages, by what went wrong. Whatever is not named here is not expected. */
const CODES: readonly (readonly [beginning: RegExp, code: FailureCode])[] = [
  [/^(Binder|Parser|Catalog|Syntax) Error/, 'SCHEMA_MISMATCH'],
  [/^(Permission|Not implemented) Error/, 'SCHEMA_MISMATCH'],
  [/No space left|max_temp_directory_size/, 'SINK_OUT_OF_SPACE'],
  [/^IO Error/, 'SINK_OUT_OF_SPACE'],
];

const LONGEST = 500;

/**
 * An error of the engine as a failure: SCHEMA_MISMATCH for what an expression or a type causes, SINK_OUT_OF_SPACE
 * for the scratch directory, INTERNAL for the rest, e.g. memory.
 */
export function engineFailure(error: unknown): LoadFailure {
  if (error instanceof LoadFailure) return error;
  const message = engineMessage(error);
  const code = CODES.find(([beginning]) => beginning.test(message))?.[1] ?? 'INTERNAL';
  return new LoadFailure(code, `rows could not be transformed: ${message}`, { cause: error });
}

/** How DuckDB begins its messages about a value. */
const OF_VALUES = /^(?:Conversion|Invalid Input|Out of Range) Error: /;

/** What the engine says of a value, in its first line and without the kind of its error; undefined where it is of something else. */
export function valueFault(error: unknown): string | undefined {
  const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return OF_VALUES.test(said) ? said.replace(OF_VALUES, '').slice(0, LONGEST) : undefined;
}

/** What the engine says, in one line, without the place in a statement that the user never saw. */
export function engineMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const said = message.replace(/\n+(LINE \d+:|\s*Candidate )[\s\S]*$/, '').trim();
  return said.replaceAll(/\s+/g, ' ').slice(0, LONGEST);
}
