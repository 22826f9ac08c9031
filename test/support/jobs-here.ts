import { Readable } from 'node:stream';
import type { Terminal } from '../../cli/command.ts';
import { EXIT, type ExitCode } from '../../cli/exit-code.ts';
import { runCommandLine } from '../../cli/run.ts';
import { type Clock, systemClock } from '../../functions/shared/clock.ts';

/** The command in this process, where a process of its own would prove nothing more and take a second. */

/** What was written, as a screen of this size would get it. */
interface Written extends Terminal {
  readonly text: string;
}

function makeOutput(screen: Pick<Terminal, 'isTTY' | 'columns' | 'rows'> = {}): Written {
  let text = '';
  return {
    ...screen,
    write: (more: string) => {
      text += more;
    },
    get text() {
      return text;
    },
  };
}

export interface HereOptions {
  readonly url?: string;
  readonly input?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** All three streams are a terminal of this size. */
  readonly screen?: { readonly columns: number; readonly rows: number };
  readonly env?: Readonly<Record<string, string>>;
}

export interface RanHere {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs `jobs` with these words; the default address is one where nothing listens. */
export async function jobsHere(
  words: readonly string[],
  options: HereOptions = {},
): Promise<RanHere> {
  const { url = 'http://127.0.0.1:9', input = '', screen, env = {} } = options;
  const isTTY = screen !== undefined;
  const [out, err] = [makeOutput({ isTTY, ...screen }), makeOutput({ isTTY, ...screen })];
  const signal = options.signal ?? new AbortController().signal;
  const code = await runCommandLine(words, {
    env: { ROUTINE_LOAD_URL: url, ...env },
    out,
    err,
    input: Object.assign(Readable.from([input]), { isTTY }),
    clock: options.clock ?? systemClock,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted && error === signal.reason) return EXIT.interrupted;
    throw error;
  });
  return { code, out: out.text, err: err.text };
}
