import type { JobSpec } from '#shared/domain/job-spec.ts';
import type { RecordView } from '../records.ts';
import type { RowFault } from './row-encoder.ts';

/**
 * What the policies say of a record whose value is null, or has no bytes: `skip`, `null` for a row of nulls, or
 * why it is a bad row.
 *
 * @returns undefined for a record with a value
 */
export function valuelessFault(
  { valueStart, valueEnd }: RecordView,
  { tombstone, emptyValue }: JobSpec['policies'],
): RowFault | 'skip' | 'null' | undefined {
  if (valueStart >= 0 && valueEnd > valueStart) return undefined;
  const isNull = valueStart < 0;
  if (isNull && tombstone === 'null') return 'null';
  if ((isNull ? tombstone : emptyValue) === 'skip') return 'skip';
  const what = isNull ? 'value is null (a tombstone)' : 'value has no bytes';
  const policy = isNull ? 'policies.tombstone' : 'policies.emptyValue';
  return { reason: `${what}, and ${policy} is reject` };
}
