import type { JobSpec } from '#shared/domain/job-spec.ts';
import type { RecordView } from '../records.ts';
import type { RowFault } from './row-encoder.ts';

type Policies = JobSpec['policies'];

/** The policy that decides about a record without a value, and what it says. */
export type ValuelessFate =
  | { readonly policy: 'tombstone'; readonly action: Policies['tombstone'] }
  | { readonly policy: 'emptyValue'; readonly action: Policies['emptyValue'] };

/**
 * What the policies say of a record whose value is null, or has no bytes.
 *
 * @returns undefined for a record with a value
 */
export function valuelessFate(
  { valueStart, valueEnd }: RecordView,
  { tombstone, emptyValue }: Policies,
): ValuelessFate | undefined {
  if (valueStart < 0) return { policy: 'tombstone', action: tombstone };
  return valueEnd > valueStart ? undefined : { policy: 'emptyValue', action: emptyValue };
}

/** The fault of a record that such a policy rejects. */
export function valuelessFault(policy: ValuelessFate['policy']): RowFault {
  const what = policy === 'tombstone' ? 'value is null (a tombstone)' : 'value has no bytes';
  return { reason: `${what}, and policies.${policy} is reject` };
}
