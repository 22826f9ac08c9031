import type { PartitionBy } from './partition-by.ts';

/** A column of a table that says itself which columns it has. */
export interface TableColumn {
  readonly name: string;
  /** By which the table finds it in a file, whatever its name was then. */
  readonly fieldId: number;
  /** As the table calls it. */
  readonly told: string;
  /** Canonical SQL; undefined for a type that no column of ours can have. */
  readonly type: string | undefined;
  readonly isRequired: boolean;
}

/** What a table makes of the rows that it is given. */
export interface TableShape {
  readonly columns: readonly TableColumn[];
  /** Absent: all rows of a slice lie in one file. */
  readonly partitionBy: PartitionBy | undefined;
}
