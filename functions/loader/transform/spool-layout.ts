import type { MetadataColumn } from '#shared/domain/spec/metadata.ts';
import type { PlannedField } from './planned-field.ts';
import type { RowPlan } from './row-plan.ts';

/**
 * How records stand in the file that the engine reads: lines of CSV, every cell a text that the engine casts
 * itself, since numbers that pass through a JSON parser lose digits.
 */

/** One cell. `text`: a string's content, or the digits of a number; `json`: the JSON of a value, strings quoted. */
export type SpoolCell =
  | { readonly kind: 'text' | 'json'; readonly field: string }
  /** The value whole, with the facts that are to be added to it. */
  | { readonly kind: 'whole' };

/** The cells of a line. The facts come behind; `_partition` and `_offset` are always the first of them. */
export interface SpoolLayout {
  readonly cells: readonly SpoolCell[];
  readonly facts: readonly MetadataColumn[];
}

/** The cells that a plan needs, in the order of the plan's fields. */
export function layoutOf(plan: RowPlan): SpoolLayout {
  const cells: SpoolCell[] = plan.fields.flatMap((field) => [
    ...(needsText(field, plan) ? [{ kind: 'text' as const, field: field.name }] : []),
    ...(needsJson(field, plan) ? [{ kind: 'json' as const, field: field.name }] : []),
  ]);
  if (plan.columns === undefined) cells.push({ kind: 'whole' });
  const others = plan.facts.filter((fact) => fact !== '_partition' && fact !== '_offset');
  return { cells, facts: ['_partition', '_offset', ...others] };
}

/** Whether a column shows the field's own JSON: nothing is known of its type, and the format can carry any. */
export function isShownAsJson(field: PlannedField, plan: RowPlan): boolean {
  const isJson = plan.valueFormat.type === 'json' && plan.rowFormat === 'ndjson';
  return isJson && field.isColumn && !field.isDeclared;
}

/** The name of the n-th cell of a line, facts included. */
export function cellName(n: number): string {
  return `c${n}`;
}

function needsJson(field: PlannedField, plan: RowPlan): boolean {
  if (isShownAsJson(field, plan)) return true;
  return plan.valueFormat.type === 'json' && field.type === 'JSON';
}

function needsText(field: PlannedField, plan: RowPlan): boolean {
  if (plan.valueFormat.type === 'json' && field.type === 'JSON') return false;
  return field.isUsed || field.isDeclared || !isShownAsJson(field, plan);
}
