import { parseColumns } from './column-list.ts';
import type { Destination } from './destination.ts';
import type { MetadataColumn } from './metadata.ts';
import type { FormatSpec } from './value-format.ts';

/** How rows are written for a destination. */
export interface RowFormat {
  readonly format: 'ndjson' | 'csv' | 'parquet';
  /** `csv` only: whether a line of column names comes first. */
  readonly header: boolean;
  /** Facts of the Kafka record beside the value's own fields. */
  readonly metadata: readonly MetadataColumn[];
  /** The fields to write, in this order; absent for all of them. */
  readonly columns: readonly string[] | undefined;
  /**
   * Values are rows of the format already, which the destination understands by itself: only their line
   * breaks are looked at.
   */
  readonly asIs: boolean;
}

/** The part of a specification that decides how rows are written. */
export interface RowFormatSpec {
  readonly format: FormatSpec;
  readonly columns?: string | undefined;
  readonly destination: Destination;
}

/** The names in `columns`, e.g. `code, late = delay > 15` gives `["code", "late"]`; none where it is faulty. */
export function columnNames(columns: string): string[] {
  return parseColumns(columns).items.map(({ name }) => name);
}

/**
 * The row format of a specification. Doris and StarRocks map and filter by themselves and know the dialects
 * of CSV, so they get values whole and as they are.
 */
export function rowFormatOf({ format, columns, destination }: RowFormatSpec): RowFormat {
  const warehouse = destination.doris ?? destination.starrocks;
  if (warehouse) {
    const isCsv = format.type === 'csv';
    return {
      format: isCsv ? 'csv' : 'ndjson',
      header: false,
      metadata: warehouse.metadata,
      columns: undefined,
      asIs:
        isCsv ||
        format.type === 'raw' ||
        (format.type === 'json' && format.stripOuterArray === true),
    };
  }
  const { iceberg } = destination;
  const files = destination.file ?? destination.s3;
  return {
    format: iceberg ? 'parquet' : (files?.format ?? 'ndjson'),
    header: files?.header ?? false,
    metadata: (iceberg ?? files)?.metadata ?? [],
    columns: columns === undefined ? undefined : columnNames(columns),
    asIs: false,
  };
}
