import type { PeriodUnit, RecordKeyField } from '#shared/domain/spec/partition-by.ts';

/**
 * A month, day or hour in UTC whose rows lie together, as `2026-11`, `2026-11-22` or `2026-11-22T05`; or
 * {@link NO_PERIOD}.
 */
export type Period = string;

/** Of rows whose column is null, or no date of the years 1 to 9999: the name that Hive gives such rows' directory. */
export const NO_PERIOD = '__HIVE_DEFAULT_PARTITION__';

/**
 * Periods that one slice may have at most. Each is an object or file to be committed, and all of them stand in the
 * task's record, where an upload takes some 250 bytes with the long ids that Amazon S3 gives. A record has 400 KB.
 */
export const MOST_PERIODS = 500;

const PERIOD = new RegExp(`^(\\d{4}-\\d\\d(-\\d\\d(T\\d\\d)?)?|${NO_PERIOD})$`);

const LENGTHS = { month: 7, day: 10, hour: 13 } as const satisfies Record<PeriodUnit, number>;

/** The period that begins at an instant. @param start epoch ms */
export function periodFrom(start: number, unit: PeriodUnit): Period {
  return new Date(start).toISOString().slice(0, LENGTHS[unit]);
}

/** Whether a text, e.g. of a stored handle, is a period. */
export function isPeriod(text: string): boolean {
  return PERIOD.test(text);
}

/** Fills in what a key or a path names of a row's date; all else is left as it is. */
export function fillPeriod(template: string, period: Period): string {
  const has = period !== NO_PERIOD;
  const values: Partial<Record<string, string>> = {
    record_date: has ? period.slice(0, LENGTHS.day) : period,
    record_year: has ? period.slice(0, 4) : period,
    record_month: has ? period.slice(5, 7) : period,
    record_day: has ? period.slice(8, 10) : period,
    record_hour: has ? period.slice(11, 13) : period,
  } satisfies Record<RecordKeyField, string>;
  return template.replaceAll(/\{(\w+)\}/g, (field, name: string) => values[name] ?? field);
}
