import { NO_PERIOD, type Period } from '../period.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The partition of a period's rows, by the transform of its length: months, days or hours since 1970, negative before.
 * Null of rows whose column is null. https://iceberg.apache.org/spec/#partition-transforms
 */
export function partitionValue(period: Period): number | null {
  if (period === NO_PERIOD) return null;
  if (period.length === 'YYYY-MM'.length) {
    return (Number(period.slice(0, 4)) - 1970) * 12 + Number(period.slice(5)) - 1;
  }
  if (period.length === 'YYYY-MM-DD'.length) return Date.parse(period) / DAY_MS;
  return Date.parse(`${period}:00Z`) / HOUR_MS;
}
