import * as z from 'zod';
import { metadata } from './metadata.ts';
import { hiveTemplate, type PartitionBy, partitionBy, RECORD_KEY_FIELDS } from './partition-by.ts';
import { s3Place } from './s3-place.ts';

/** What a key template can name of a slice and its job. */
export const KEY_FIELDS = [
  'job',
  'table',
  'date',
  'year',
  'month',
  'day',
  'hour',
  'lane',
  'partition',
  'offset',
  'task',
] as const;
export type KeyField = (typeof KEY_FIELDS)[number];

const ALL_FIELDS: readonly string[] = [...KEY_FIELDS, ...RECORD_KEY_FIELDS];

/** Characters that need no special handling in S3: "Naming Amazon S3 objects", safe characters. */
const SAFE = /^[A-Za-z0-9!_.*'()=/-]*$/;

const pathFault = (path: string) => path.startsWith('/') || path.includes('//');

const keyTemplate = z
  .string()
  .min(1)
  .max(512)
  .superRefine((template, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    const strange = unknownFields(template);
    if (strange.length > 0) {
      issue(`must use ${ALL_FIELDS.map((field) => `{${field}}`).join(' ')}, got ${strange[0]}`);
    } else if (!SAFE.test(template.replaceAll(/\{\w+\}/g, '')) || pathFault(template)) {
      issue("must be a path of A-Z a-z 0-9 ! _ . * ' ( ) = - and fields like {date}");
    } else if (!template.includes('{task}')) {
      issue('must have {task} in it, by which each attempt gets a key of its own');
    } else if (/[A-Za-z0-9}]\{task\}|\{task\}[A-Za-z0-9{]/.test(template)) {
      // Else nobody could say where in a key the task begins and ends.
      issue('must keep {task} apart from letters, digits and other fields, e.g. by / or -');
    }
  });

function unknownFields(template: string): string[] {
  const given = [...template.matchAll(/\{([^{}]*)\}?/g)];
  return given
    .filter(([text, field = '']) => !text.endsWith('}') || !ALL_FIELDS.includes(field))
    .map(([text]) => text);
}

const BUCKET_RULE =
  'must be the name of a bucket: 3-63 of a-z 0-9 . -, with a letter or digit at both ends and no two dots in a row';

const settings = z.strictObject({
  bucket: z.string().regex(/^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, BUCKET_RULE),
  /** What all keys begin with; a slash between it and the rest is added. */
  prefix: z
    .string()
    .min(1)
    .max(512)
    .regex(SAFE, "must be a path of A-Z a-z 0-9 ! _ . * ' ( ) = -")
    .refine((prefix) => !pathFault(prefix), 'must not begin with a slash or have two in a row')
    .optional(),
  /** For `{table}`. Default: the job's name. */
  table: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'must be 1-128 of A-Z a-z 0-9 _ . -')
    .optional(),
  format: z.enum(['ndjson', 'csv', 'parquet']).default('ndjson'),
  compression: z.enum(['none', 'gzip', 'zstd']).default('none'),
  /**
   * The key behind the prefix; the ending, e.g. `.ndjson.gz`, is added. `{date}` and its parts are those of the
   * slice's planning, in UTC; `{partition}` and `{offset}` are its lowest partition, and where that begins.
   * `{record_date}` and its parts are those of `partitionBy`. Default: `{table}/{date}/{task}`, or with `partitionBy`
   * as Hive does it, e.g. `{table}/year={record_year}/month={record_month}/{task}` for months.
   */
  keyTemplate: keyTemplate.optional(),
  /** Absent: all rows of a slice go into one object. */
  partitionBy: partitionBy.optional(),
  /** `csv` only: whether each object begins with a line of column names. */
  header: z.boolean().default(true),
  metadata,
  ...s3Place,
});

/** The template of keys that name no row's date. */
export const PLAIN_KEY_TEMPLATE = '{table}/{date}/{task}';

/** Objects in a bucket of Amazon S3, or of a server that speaks its protocol. */
export const s3Destination = settings.transform((given) => ({
  ...given,
  keyTemplate: given.keyTemplate ?? defaultTemplate(given.partitionBy),
}));
export type S3Destination = z.infer<typeof s3Destination>;

function defaultTemplate(by: PartitionBy | undefined): string {
  return by ? `{table}/${hiveTemplate(by.unit)}/{task}` : PLAIN_KEY_TEMPLATE;
}
