/** How the command is typed. */
export const TYPED = 'npm run -s jobs --';

const PLAIN_WORD = /^[\w./:=@,+-]+$/;

/** A command line that a shell takes as these words. */
export function typedCommand(words: readonly string[]): string {
  return [TYPED, ...words.map(quoted)].join(' ');
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
