import type { Destination, DestinationKind } from './destination.ts';
import { DESTINATIONS } from './destination.ts';
import { headerText } from './header-text.ts';
import { columnNames, rowFormatOf } from './row-format.ts';
import { columnName, type FormatSpec } from './value-format.ts';

/** What only shows when the parts of a specification are seen beside each other. */

/** A fault and the place of it. */
export type SpecFault = readonly [path: readonly string[], message: string];

interface Parts {
  readonly format: FormatSpec;
  readonly columns?: string | undefined;
  readonly where?: string | undefined;
  readonly destination: Destination;
}

/** All that does not fit together. */
export function specFaults(spec: Parts): SpecFault[] {
  const { doris, starrocks } = spec.destination;
  const warehouse = doris ?? starrocks;
  return [
    ...(warehouse ? headerFaults(spec) : columnsFaults(spec)),
    ...dialectFaults(spec.format),
    ...(warehouse ? [] : fileFaults(spec)),
    ...metadataFaults(spec),
  ];
}

/** Doris and StarRocks get both as they are, in headers. */
function headerFaults(spec: Parts): SpecFault[] {
  return (['columns', 'where'] as const).flatMap((field): SpecFault[] => {
    const text = spec[field];
    const [issue] = text === undefined ? [] : (headerText.safeParse(text).error?.issues ?? []);
    return issue ? [[[field], issue.message]] : [];
  });
}

function columnsFaults({ columns, where, format }: Parts): SpecFault[] {
  const faults: SpecFault[] = [];
  if (where !== undefined) {
    faults.push([['where'], 'is for the destinations doris and starrocks only']);
  }
  if (columns === undefined) return faults;
  const names = columnNames(columns);
  const faulty = names.filter((column) => !columnName.safeParse(column).success);
  if (faulty.length > 0) {
    faults.push([
      ['columns'],
      `must be column names with commas between them, got ${JSON.stringify(faulty[0])}`,
    ]);
  }
  if (new Set(names).size !== names.length) faults.push([['columns'], 'must not repeat a column']);
  if (format.type !== 'csv') return faults;
  const unknown = names.find((column) => !format.columns?.includes(column));
  if (unknown !== undefined) {
    faults.push([['columns'], `must be among format.columns, got ${JSON.stringify(unknown)}`]);
  }
  return faults;
}

function dialectFaults(format: FormatSpec): SpecFault[] {
  if (format.type !== 'csv') return [];
  const faults: SpecFault[] = [];
  const { columnSeparator, enclose, columns } = format;
  if (columnSeparator === enclose || columnSeparator === format.escape) {
    faults.push([['format', 'columnSeparator'], 'must differ from enclose and escape']);
  }
  if (columns && new Set(columns).size !== columns.length) {
    faults.push([['format', 'columns'], 'must not repeat a column']);
  }
  return faults;
}

/** Files have to be written by us: every column must have a name where the format has names. */
function fileFaults(spec: Parts): SpecFault[] {
  const { format, columns } = spec;
  const { format: written } = rowFormatOf(spec);
  if (format.type === 'json' && written === 'csv' && columns === undefined) {
    return [[['columns'], 'must name the columns to write when JSON is loaded into csv']];
  }
  if (format.type === 'csv' && written === 'ndjson' && format.columns === undefined) {
    return [[['format', 'columns'], 'must name the fields when CSV is loaded into ndjson']];
  }
  if (format.type === 'raw' && columns !== undefined) {
    return [[['columns'], 'cannot be given for format raw, whose only column is value']];
  }
  return [];
}

/** Nothing can be added to a value that is passed on as it is. */
function metadataFaults(spec: Parts): SpecFault[] {
  const rows = rowFormatOf(spec);
  if (rows.metadata.length === 0) return [];
  const path = ['destination', kindOf(spec.destination), 'metadata'];
  if (rows.asIs)
    return [[path, 'cannot be added to values that pass as they are: use format json']];
  if (spec.format.type !== 'raw' || rows.format !== 'ndjson') return [];
  return [
    [
      path,
      'cannot be added to raw bytes in ndjson; use format json or csv, or destination format csv',
    ],
  ];
}

function kindOf(destination: Destination): DestinationKind {
  return DESTINATIONS.find((kind) => destination[kind] !== undefined) ?? 'file';
}
