/** How the doubles look at rows: as text of one row each, good, bad or left out. */

export interface RowRules {
  /** Why a row is bad. */
  bad?: ((row: string) => string | undefined) | undefined;
  /** Whether `where` leaves a row out. */
  unselected?: ((row: string) => boolean) | undefined;
  /** Whether the error log leaves a bad row out: the real ones stop after some. */
  unlisted?: ((row: string) => boolean) | undefined;
}

export interface RowsTaken {
  readonly total: number;
  /** Empty where rows are only counted. */
  readonly loaded: string[];
  readonly loadedCount: number;
  readonly filtered: {
    readonly row: string;
    readonly reason: string;
    readonly isListed: boolean;
  }[];
  readonly unselected: number;
}

/** Judges the lines of a body. JSON lines must be JSON. */
export function takeRows(body: string, format: string, rules: RowRules): RowsTaken {
  const rows = body.split('\n').filter((line) => line !== '');
  const loaded: string[] = [];
  const filtered: RowsTaken['filtered'] = [];
  let unselected = 0;
  for (const row of rows) {
    const reason = (format === 'json' ? jsonFault(row) : undefined) ?? rules.bad?.(row);
    if (reason !== undefined) {
      filtered.push({ row, reason, isListed: !(rules.unlisted?.(row) ?? false) });
    } else if (rules.unselected?.(row)) unselected += 1;
    else loaded.push(row);
  }
  return { total: rows.length, loaded, loadedCount: loaded.length, filtered, unselected };
}

/** The body of a load as `strip_outer_array` reads it: a line for each element of the arrays. */
export function stripArrays(body: string, setting: string | undefined): string {
  if (setting !== 'true') return body;
  return body.split('\n').flatMap(elementsOf).join('\n');
}

function elementsOf(line: string): string[] {
  if (line === '' || jsonFault(line) !== undefined) return [line];
  return [JSON.parse(line)].flat().map((element) => JSON.stringify(element));
}

/** Counts the lines of a body and keeps none, for measurements with more rows than memory should hold. */
export async function countRows(body: AsyncIterable<Buffer>): Promise<RowsTaken> {
  let total = 0;
  for await (const chunk of body) {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) total += 1;
  }
  return { total, loaded: [], loadedCount: total, filtered: [], unselected: 0 };
}

const NEWLINE = 10;

function jsonFault(row: string): string | undefined {
  try {
    JSON.parse(row);
    return undefined;
  } catch {
    return 'Parse json data for JsonDoc failed. code: 3, error info: Invalid value.';
  }
}
