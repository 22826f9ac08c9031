import type { SinkHandle } from '#shared/domain/task.ts';
import { type Committable, committable } from './committable.ts';

/** The files of one attempt: its rows, its dead letters, or both. */
export interface AttemptFiles {
  readonly rows?: Committable | undefined;
  readonly letters?: Committable | undefined;
}

const LETTERS = 'letters';

/** The handle that a commit gets: flat, the dead letters' fields with `letters` before their names. */
export function attemptHandle({ rows, letters }: AttemptFiles): SinkHandle {
  const prefixed = Object.entries(letters ?? {}).map(([name, value]) => [LETTERS + name, value]);
  return { ...rows, ...Object.fromEntries(prefixed) };
}

/** The files in a handle, or what is wrong with it. */
export function filesInHandle(handle: SinkHandle): AttemptFiles | { readonly fault: string } {
  const own: Record<string, string | number> = {};
  const letters: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(handle)) {
    if (name.startsWith(LETTERS)) letters[name.slice(LETTERS.length)] = value;
    else own[name] = value;
  }
  const hasLetters = Object.keys(letters).length > 0;
  const hasRows = !hasLetters || Object.keys(own).length > 0;
  const parsed = {
    rows: hasRows ? committable.safeParse(own) : undefined,
    letters: hasLetters ? committable.safeParse(letters) : undefined,
  };
  const error = parsed.rows?.error ?? parsed.letters?.error;
  if (error) {
    const faults = error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
    return { fault: faults.join(', ') };
  }
  return { rows: parsed.rows?.data, letters: parsed.letters?.data };
}
