import { styleText } from 'node:util';
import type { Terminal } from './command.ts';

const COLOURS = {
  RUNNING: 'green',
  COMPLETED: 'green',
  NEED_SCHEDULE: 'cyan',
  PAUSED: 'yellow',
  STOPPED: 'gray',
  CANCELLED: 'red',
} as const;

/** Whether colours may be shown: on a terminal whose user did not forbid them (no-color.org). */
export function takesColours(
  { isTTY }: Pick<Terminal, 'isTTY'>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

/** The line with the name of the job's state coloured. To be done last: widths do not count colours. */
export function styledState(
  line: string,
  state: string | undefined,
  { coloured }: { readonly coloured: boolean },
): string {
  const colour = COLOURS[state as keyof typeof COLOURS];
  if (!coloured || state === undefined || colour === undefined) return line;
  // A name may contain a state's; the state stands alone.
  return line.replace(new RegExp(`(?<=^|\\s)${state}(?=\\s|$|,)`), (found) =>
    styleText(colour, found, { validateStream: false }),
  );
}
