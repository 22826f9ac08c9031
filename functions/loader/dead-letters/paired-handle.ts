import type { SinkHandle } from '#shared/domain/task.ts';

/** What one attempt prepared: its rows, its dead letters, or both. */
export interface HandlePair {
  readonly rows?: SinkHandle | undefined;
  readonly letters?: SinkHandle | undefined;
}

const LETTERS = 'letters';

/** Both as one handle, which one decision holds: the dead letters' fields get `letters` before their names. */
export function pairHandles({ rows, letters }: HandlePair): SinkHandle {
  const prefixed = Object.entries(letters ?? {}).map(([name, value]) => [LETTERS + name, value]);
  return { ...rows, ...Object.fromEntries(prefixed) };
}

/** The two in a handle; one without dead letters has rows. */
export function unpairHandle(handle: SinkHandle): HandlePair {
  const rows: Record<string, string | number> = {};
  const letters: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(handle)) {
    if (name.startsWith(LETTERS)) letters[name.slice(LETTERS.length)] = value;
    else rows[name] = value;
  }
  const hasLetters = Object.keys(letters).length > 0;
  const hasRows = !hasLetters || Object.keys(rows).length > 0;
  return { rows: hasRows ? rows : undefined, letters: hasLetters ? letters : undefined };
}
