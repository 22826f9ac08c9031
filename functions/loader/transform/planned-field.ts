import type { MetadataColumn } from '#shared/domain/spec/metadata.ts';

/** Where a column's value comes from. */
export type ColumnSource =
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'metadata'; readonly column: MetadataColumn }
  | { readonly kind: 'expression'; readonly sql: string };

/** A field that columns or expressions name. */
export interface PlannedField {
  readonly name: string;
  /** Canonical SQL; VARCHAR where none was declared. */
  readonly type: string;
  readonly isDeclared: boolean;
  /** Whether its type was inferred: values are held to the form from which it was. */
  readonly isInferred: boolean;
  readonly isOfWhere: boolean;
  /** Whether a column is this field as it is, and whether an expression uses it. */
  readonly isColumn: boolean;
  readonly isUsed: boolean;
}
