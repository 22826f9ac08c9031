/** Plain tables for a terminal, without frames. Widths count UTF-16 units, which is right for all but wide scripts. */

/** A column: figures stand to the right. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** May be cut down to that many characters, with an ellipsis, where the table is too wide. @default not cut */
  readonly least?: number;
  /** Goes on in the next line instead of being cut; for the last column. */
  readonly wraps?: boolean;
}

/** What most terminals and all logs take. */
export const MOST_COLUMNS = 100;
const GAP = '  ';
const NARROWEST_WRAPPED = 20;

/** The rows below their titles, each line at most `width` wide as far as the columns may be cut. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = MOST_COLUMNS,
): string[] {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = fittingWidths(columns, lines, width);
  return lines.flatMap((cells) => rowLines(columns, cells, widths));
}

function fittingWidths(
  columns: readonly Column[],
  lines: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0)));
  const least = columns.map(
    ({ title, least: own, wraps }, i) =>
      own ?? (wraps ? Math.max(title.length, NARROWEST_WRAPPED) : (widths[i] ?? 0)),
  );
  const sum = () => widths.reduce((a, b) => a + b, 0) + GAP.length * (columns.length - 1);
  while (sum() > width) {
    const spare = widths.map((own, i) => own - (least[i] ?? own));
    const most = spare.indexOf(Math.max(...spare));
    if ((spare[most] ?? 0) <= 0) break;
    widths[most] = (widths[most] ?? 0) - 1;
  }
  return widths;
}

function rowLines(
  columns: readonly Column[],
  cells: readonly string[],
  widths: readonly number[],
): string[] {
  const parts = columns.map(({ wraps }, i) => {
    const [cell, width] = [cells[i] ?? '', widths[i] ?? 0];
    return wraps ? wrapped(cell, width) : [cut(cell, width)];
  });
  const height = Math.max(1, ...parts.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ right }, i) => {
        const [part, width] = [parts[i]?.[line] ?? '', widths[i] ?? 0];
        return right ? part.padStart(width) : part.padEnd(width);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** Text cut to a width; an ellipsis says that it was. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Text in lines of at most `width`, broken between words where they fit at all. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

const LABEL = 11;

/** Labelled facts, one below the other; long ones go on in the next line. */
export function facts(
  pairs: readonly (readonly [label: string, text: string | undefined])[],
  width: number = MOST_COLUMNS,
): string[] {
  return pairs.flatMap(([label, text]) =>
    text === undefined
      ? []
      : wrapped(text, width - LABEL).map(
          (line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${line}`,
        ),
  );
}
