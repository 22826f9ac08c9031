/** How the doubles look at rows: as text of one row each, good, bad or left out. */

export interface RowRules {
  /** Why a row is bad. */
  bad?: ((row: string) => string | undefined) | undefined;
  /** Whether `where` leaves a row out. */
  unselected?: ((row: string) => boolean) | undefined;
}

export interface RowsTaken {
  readonly total: number;
  readonly loaded: string[];
  readonly filtered: { readonly row: string; readonly reason: string }[];
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
    if (reason !== undefined) filtered.push({ row, reason });
    else if (rules.unselected?.(row)) unselected += 1;
    else loaded.push(row);
  }
  return { total: rows.length, loaded, filtered, unselected };
}

function jsonFault(row: string): string | undefined {
  try {
    JSON.parse(row);
    return undefined;
  } catch {
    return 'Parse json data for JsonDoc failed. code: 3, error info: Invalid value.';
  }
}
