/**
 * SQL expressions as texts, looked at without an engine: enough to split a list of them, and to be sure that
 * one stays in the parentheses that it is put into. Whether it means anything is the engine's to say.
 */

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const FORBIDDEN: readonly (readonly [begin: RegExp, what: string])[] = [
  [/^--|^\/\*/, 'comments'],
  [/^;/, 'semicolons'],
  [/^\$/, 'dollar signs'],
];

/** What a scan of a text found. `commas` and `assignment` are positions outside of any bracket or quote. */
export interface ExpressionScan {
  readonly commas: readonly number[];
  /** Of the first `=` that is no part of another operator. */
  readonly assignments: readonly number[];
  readonly fault?: string | undefined;
}

/** Finds the commas and equal signs that stand outside of brackets and quotes, or what is wrong with the text. */
export function scanExpression(text: string): ExpressionScan {
  const commas: number[] = [];
  const assignments: number[] = [];
  const open: string[] = [];
  const faulty = (fault: string) => ({ commas, assignments, fault });
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "'" || character === '"') {
      if (isEscapeString(text, at)) return faulty("must not have escape strings like E'...'");
      const end = endOfQuoted(text, at);
      if (end < 0) return faulty(`must close the quote at character ${at + 1}`);
      at = end;
      continue;
    }
    const forbidden = FORBIDDEN.find(([begin]) => begin.test(text.slice(at, at + 2)));
    if (forbidden) return faulty(`must not have ${forbidden[1]}`);
    const closer = CLOSERS[character];
    if (closer) open.push(closer);
    else if (')]}'.includes(character) && open.pop() !== character) {
      return faulty(`must not close ${character} at character ${at + 1}, which is not open`);
    } else if (open.length === 0) {
      if (character === ',') commas.push(at);
      if (character === '=' && isAssignment(text, at)) assignments.push(at);
    }
  }
  const unclosed = open.pop();
  return unclosed === undefined ? { commas, assignments } : faulty(`must be closed by ${unclosed}`);
}

/** A backslash could hide a quote in such a string. */
function isEscapeString(text: string, quoteAt: number): boolean {
  return text[quoteAt] === "'" && /(^|[^A-Za-z0-9_])[eE]$/.test(text.slice(0, quoteAt));
}

/** @returns the position of the closing quote, doubled ones being part of the text; -1 for none */
function endOfQuoted(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== quote) continue;
    if (text[at + 1] !== quote) return at;
    at += 1;
  }
  return -1;
}

function isAssignment(text: string, at: number): boolean {
  return text[at + 1] !== '=' && !/[<>!=:]/.test(text[at - 1] ?? '');
}
