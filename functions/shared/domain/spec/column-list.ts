import { scanExpression } from './expression-text.ts';
import { columnName } from './value-format.ts';

/** One of a job's `columns`: a field as it is, or `name = expression`. */
export interface ColumnItem {
  /** Of the column; without an expression also of the field. */
  readonly name: string;
  readonly expression?: string | undefined;
}

/** A list of columns, or the first thing that is wrong with it. */
export type ColumnList =
  | { readonly items: readonly ColumnItem[]; readonly fault?: undefined }
  | { readonly items: readonly []; readonly fault: string };

/** In double quotes a name may have blanks, commas and the like. Some characters no format takes. */
const QUOTED_NAME = /^"(?:[^"\p{Cc}]|""){1,128}"$/u;

/** Reads `columns`, e.g. `code, late = delay > 15, "US Gross"`. */
export function parseColumns(columns: string): ColumnList {
  const { commas, fault } = scanExpression(columns);
  if (fault !== undefined) return { items: [], fault };
  const items: ColumnItem[] = [];
  for (const [i, end] of [...commas, columns.length].entries()) {
    const part = columns.slice(i === 0 ? 0 : (commas[i - 1] ?? 0) + 1, end).trim();
    const item = parseItem(part);
    if (item === undefined) {
      const allowed = 'must be column names, or name = expression, with commas between them';
      return { items: [], fault: `${allowed}, got ${JSON.stringify(part)}` };
    }
    items.push(item);
  }
  return { items };
}

function parseItem(part: string): ColumnItem | undefined {
  const [equals] = scanExpression(part).assignments;
  const name = parseName(part.slice(0, equals ?? part.length).trim());
  if (name === undefined) return undefined;
  if (equals === undefined) return { name };
  const expression = part.slice(equals + 1).trim();
  return expression === '' ? undefined : { name, expression };
}

function parseName(text: string): string | undefined {
  if (QUOTED_NAME.test(text)) {
    const name = text.slice(1, -1).replaceAll('""', '"');
    return name.trim() === name ? name : undefined;
  }
  return columnName.safeParse(text).success ? text : undefined;
}
