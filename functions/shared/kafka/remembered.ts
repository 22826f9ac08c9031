import type { Clock } from '../clock.ts';

/** Answers kept in memory for a limited time, so that a warm function does not ask again and again. */
export interface Remembered<T> {
  get(key: string): Promise<T>;
  /** Forgets one answer before its time. */
  drop(key: string): void;
}

/** Keeps each answer of `ask` for `keepMs`; questions at once share one; a failure is not kept. */
export function remembered<T>(
  ask: (key: string) => Promise<T>,
  { keepMs, clock }: { readonly keepMs: number; readonly clock: Clock },
): Remembered<T> {
  const kept = new Map<string, { readonly answer: Promise<T>; readonly until: number }>();
  return {
    get(key) {
      const found = kept.get(key);
      if (found && clock.now() < found.until) return found.answer;
      const entry = { answer: ask(key), until: clock.now() + keepMs };
      kept.set(key, entry);
      entry.answer.catch(() => {
        if (kept.get(key) === entry) kept.delete(key);
      });
      return entry.answer;
    },
    drop: (key) => void kept.delete(key),
  };
}
