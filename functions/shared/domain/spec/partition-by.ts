import * as z from 'zod';

/** How long a time the rows of one object or file are from. */
export const PERIOD_UNITS = ['month', 'day', 'hour'] as const;
export type PeriodUnit = (typeof PERIOD_UNITS)[number];

/** Rows apart by the date in one of their columns, in UTC: each period has objects or files of its own. */
export const partitionBy = z.strictObject({
  /** A column of the result, of type DATE, TIMESTAMP or TIMESTAMPTZ. */
  column: z.string().min(1).max(128),
  unit: z.enum(PERIOD_UNITS).default('day'),
});
export type PartitionBy = z.infer<typeof partitionBy>;

/** What a key template can name of a row's date. */
export const RECORD_KEY_FIELDS = [
  'record_date',
  'record_year',
  'record_month',
  'record_day',
  'record_hour',
] as const;
export type RecordKeyField = (typeof RECORD_KEY_FIELDS)[number];

const PARTS = ['record_year', 'record_month', 'record_day', 'record_hour'] as const;
const PARTS_OF_UNIT = { month: 2, day: 3, hour: 4 } as const satisfies Record<PeriodUnit, number>;

/** The parts of a date that tell periods of a unit apart, the longest first. */
export function recordParts(unit: PeriodUnit): readonly RecordKeyField[] {
  return PARTS.slice(0, PARTS_OF_UNIT[unit]);
}

/**
 * Directories as Hive names them, e.g. `year={record_year}/month={record_month}` for months: the names that
 * other loaders of Kafka topics give them, too (Confluent's TimeBasedPartitioner).
 */
export function hiveTemplate(unit: PeriodUnit): string {
  return recordParts(unit)
    .map((part) => `${part.slice('record_'.length)}={${part}}`)
    .join('/');
}
