import * as z from 'zod';

/**
 * A job's specification: what a user POSTs and what GET shows again. Unknown fields are errors, and
 * secrets stand in it only as ARNs. Limits are stated here and nowhere else.
 */

const PARTITION_MAX = 1_000_000;
const MAX_PARTITIONS = 10_000;
const OFFSET_MAX = 9_223_372_036_854_775_807n;

const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1-64 of A-Z a-z 0-9 _ -');

/** Kafka's own rule: kafka.common.Topic, legal characters and at most 249 of them. */
const topic = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,249}$/, 'must be 1-249 of A-Z a-z 0-9 . _ -')
  .refine((value) => value !== '.' && value !== '..', 'must not be "." or ".."');

const partition = z.int().min(0).max(PARTITION_MAX);

/** A Kafka offset as a decimal string: it has 64 bits, which a JSON number cannot hold. */
const offset = z
  .string()
  .regex(/^\d{1,19}$/, {
    error: 'must be a decimal offset in a string, like "1200"',
    // What is no number must not reach BigInt below.
    abort: true,
  })
  .refine((value) => BigInt(value) <= OFFSET_MAX, 'must fit 64 bits');

const position = z.union([z.literal('earliest'), z.literal('latest'), offset]);

/**
 * Where to start or end: one position for all partitions, a time, or a position per partition
 * (partitions that such a list does not name start at earliest: nothing is skipped by omission).
 */
export const offsetsSpec = z.union(
  [
    z.literal('earliest'),
    z.literal('latest'),
    z.strictObject({ timestamp: z.iso.datetime({ offset: true }) }),
    z
      .record(z.string().regex(/^(0|[1-9]\d{0,6})$/, 'must be a partition number'), position)
      .refine((map) => Object.keys(map).length > 0, 'must name at least one partition'),
  ],
  {
    error:
      'must be "earliest", "latest", {"timestamp": "2026-01-01T00:00:00Z"} or {"<partition>": "<offset>" | "earliest" | "latest"}',
  },
);
export type OffsetsSpec = z.infer<typeof offsetsSpec>;

const broker = z
  .string()
  .max(300)
  .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'must be host:port');

const secretArn = z
  .string()
  .max(2048)
  .regex(
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
    'must be the ARN of a Secrets Manager secret',
  );

const clusterArn = z
  .string()
  .max(2048)
  .regex(
    /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/\S+$/,
    'must be the ARN of an MSK cluster',
  );

const auth = z.discriminatedUnion('mechanism', [
  z.strictObject({ mechanism: z.literal('none') }),
  z.strictObject({ mechanism: z.literal('tls') }),
  z.strictObject({ mechanism: z.literal('aws-msk-iam'), region: z.string().max(30).optional() }),
  ...(['scram-sha-512', 'scram-sha-256', 'plain'] as const).map((mechanism) =>
    z.strictObject({
      mechanism: z.literal(mechanism),
      secretArn,
      /** TLS is the default; a plain listener has to be asked for by name. */
      tls: z.boolean().default(true),
    }),
  ),
]);
export type KafkaAuth = z.infer<typeof auth>;

const kafkaSource = z
  .strictObject({
    clusterArn: clusterArn.optional(),
    brokers: z.array(broker).min(1).max(50).optional(),
    topic,
    partitions: z.array(partition).min(1).max(MAX_PARTITIONS).optional(),
    startOffsets: offsetsSpec.default('latest'),
    endOffsets: offsetsSpec.optional(),
    isolation: z.enum(['read_committed', 'read_uncommitted']).default('read_committed'),
    auth: auth.default({ mechanism: 'none' }),
  })
  .superRefine((source, context) => {
    if ((source.clusterArn === undefined) === (source.brokers === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['brokers'],
        message: 'exactly one of clusterArn and brokers must be given',
      });
    }
    if (source.partitions && new Set(source.partitions).size !== source.partitions.length) {
      context.addIssue({
        code: 'custom',
        path: ['partitions'],
        message: 'must not repeat a partition',
      });
    }
    for (const field of ['startOffsets', 'endOffsets'] as const) {
      const given = source[field];
      if (!source.partitions || typeof given !== 'object' || 'timestamp' in given) continue;
      for (const key of Object.keys(given)) {
        if (!source.partitions.includes(Number(key))) {
          context.addIssue({
            code: 'custom',
            path: [field, key],
            message: `partition ${key} is not among partitions`,
          });
        }
      }
    }
  });
export type KafkaSource = z.infer<typeof kafkaSource>;

const oneCharacter = z
  .string()
  .regex(/^[\x20-\x7e\t]$/, 'must be one printable ASCII character or a tab');

const columnName = z.string().regex(/^[^\s,=()"'`]{1,128}$/, 'must be a column name');

const format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('json') }),
  z.strictObject({ type: z.literal('raw') }),
  z.strictObject({
    type: z.literal('csv'),
    columnSeparator: oneCharacter.default(','),
    enclose: oneCharacter.default('"'),
    escape: oneCharacter.optional(),
    /** The names of the values' fields, in order. */
    columns: z.array(columnName).min(1).max(2_000).optional(),
  }),
]);
export type FormatSpec = z.infer<typeof format>;

/** Facts of the Kafka record that a destination can carry as columns beside the value's own. */
export const METADATA_COLUMNS = [
  '_topic',
  '_partition',
  '_offset',
  '_timestamp',
  '_key',
  '_headers',
] as const;
export type MetadataColumn = (typeof METADATA_COLUMNS)[number];

const fileDestination = z.strictObject({
  table: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'must be 1-128 of A-Z a-z 0-9 _ . -'),
  format: z.enum(['ndjson', 'csv']).default('ndjson'),
  /** Absolute; must lie under a directory that the installation allows. Default: the first of those. */
  directory: z.string().min(1).max(1024).optional(),
  /** `csv` only: whether each file begins with a line of column names. */
  header: z.boolean().default(true),
  metadata: z
    .array(z.enum(METADATA_COLUMNS))
    .max(METADATA_COLUMNS.length)
    .refine((list) => new Set(list).size === list.length, 'must not repeat a column')
    .default([]),
});
export type FileDestination = z.infer<typeof fileDestination>;

const destination = z.strictObject({ file: fileDestination });
export type Destination = z.infer<typeof destination>;

const batch = z.strictObject({
  maxRows: z.int().min(1).max(1_000_000_000).default(20_000_000),
  maxBytes: z.int().min(1_024).max(10_737_418_240).default(268_435_456),
  maxIntervalSeconds: z.int().min(1).max(3_600).default(10),
});
export type BatchLimits = z.infer<typeof batch>;

const errors = z.strictObject({
  maxPerTenThousand: z.int().min(0).max(10_000).default(0),
  maxFilterRatio: z.number().min(0).max(1).default(1),
});

const policies = z.strictObject({
  /** What happens when retention has passed the next offset. */
  offsetOutOfRange: z.enum(['pause', 'earliest', 'latest']).default('pause'),
  /** A record whose value is null. */
  tombstone: z.enum(['skip', 'reject']).default('skip'),
  /** A record whose value has no bytes. */
  emptyValue: z.enum(['skip', 'reject']).default('reject'),
});

/** The plain names of `columns`, e.g. `"code, delay"` gives `["code", "delay"]`. */
export function columnNames(columns: string): string[] {
  return columns.split(',').map((column) => column.trim());
}

/** What only shows when a csv format is seen as a whole, and beside the job's `columns`. */
function csvFaults(
  given: z.infer<typeof format>,
  columns: string | undefined,
): [path: string[], message: string][] {
  if (given.type !== 'csv') return [];
  const faults: [string[], string][] = [];
  const { columnSeparator, enclose, columns: fields } = given;
  if (columnSeparator === enclose || columnSeparator === given.escape) {
    faults.push([['format', 'columnSeparator'], 'must differ from enclose and escape']);
  }
  if (fields && new Set(fields).size !== fields.length) {
    faults.push([['format', 'columns'], 'must not repeat a column']);
  }
  const unknown =
    columns === undefined
      ? undefined
      : columnNames(columns).find((column) => !fields?.includes(column));
  if (unknown !== undefined) {
    faults.push([['columns'], `must be among format.columns, got ${JSON.stringify(unknown)}`]);
  }
  return faults;
}

/** The whole specification, with its defaults; `z.input` is what a user may write. */
export const jobSpec = z
  .strictObject({
    name,
    comment: z.string().max(1_024).default(''),
    source: z.strictObject({ kafka: kafkaSource }),
    format: format.default({ type: 'json' }),
    columns: z.string().min(1).max(16_384).optional(),
    destination,
    desiredConcurrency: z.int().min(1).max(256).default(5),
    batch: batch.prefault({}),
    errors: errors.prefault({}),
    policies: policies.prefault({}),
  })
  .superRefine((spec, context) => {
    const issue = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const file = spec.destination.file;
    if (spec.columns !== undefined) {
      const faulty = columnNames(spec.columns).filter(
        (column) => !columnName.safeParse(column).success,
      );
      if (faulty.length > 0) {
        issue(
          ['columns'],
          `must be column names with commas between them, got ${JSON.stringify(faulty[0])}`,
        );
      }
      const names = columnNames(spec.columns);
      if (new Set(names).size !== names.length) issue(['columns'], 'must not repeat a column');
    }
    if (spec.format.type === 'json' && file.format === 'csv' && spec.columns === undefined) {
      issue(['columns'], 'must name the columns to write when JSON is loaded into csv');
    }
    if (
      spec.format.type === 'csv' &&
      file.format === 'ndjson' &&
      spec.format.columns === undefined
    ) {
      issue(['format', 'columns'], 'must name the fields when CSV is loaded into ndjson');
    }
    for (const fault of csvFaults(spec.format, spec.columns)) issue(...fault);
    if (spec.format.type === 'raw' && file.format === 'ndjson' && file.metadata.length > 0) {
      issue(
        ['destination', 'file', 'metadata'],
        'cannot be added to raw bytes in ndjson; use format json or csv, or destination format csv',
      );
    }
    if (spec.format.type === 'raw' && spec.columns !== undefined) {
      issue(['columns'], 'cannot be given for format raw, whose only column is value');
    }
  });

/** A specification with every default filled in. */
export type JobSpec = z.infer<typeof jobSpec>;
/** A specification as a user writes it. */
export type JobSpecInput = z.input<typeof jobSpec>;
