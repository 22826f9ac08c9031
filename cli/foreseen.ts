import { EXIT, type ExitCode, StrangeAnswer, Unreachable, UsageError } from './exit-code.ts';
import { Refused } from './problem-text.ts';

/** A failure as it is told. */
export interface Foreseen {
  readonly code: ExitCode;
  readonly text: string;
}

/** How an error is told that a user can do something about; `undefined` for any other. */
export function foreseen(
  error: unknown,
  { json }: { readonly json: boolean },
): Foreseen | undefined {
  if (error instanceof UsageError) return { code: EXIT.usage, text: error.message };
  if (error instanceof Unreachable || error instanceof StrangeAnswer) {
    return { code: EXIT.unreachable, text: error.message };
  }
  if (!(error instanceof Refused)) return undefined;
  const code = error.isOfInstallation ? EXIT.unreachable : EXIT.no;
  return { code, text: json ? error.body : error.message };
}
