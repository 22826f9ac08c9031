import * as z from 'zod';
import { hostPort } from './host-port.ts';
import { secretArn } from './secret-arn.ts';
import { despiteFaults, faultyFields } from './sound-fields.ts';

const PARTITION_MAX = 1_000_000;
const MAX_PARTITIONS = 10_000;
const OFFSET_MAX = 9_223_372_036_854_775_807n;

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

const clusterArn = z
  .string()
  .max(2048)
  .regex(
    /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/\S+$/,
    'must be the ARN of an MSK cluster',
  );

const auth = z.discriminatedUnion('mechanism', [
  z.strictObject({ mechanism: z.literal('none') }),
  /** Its secret says whom to trust, where brokers have a private authority; those of the others may say so, too. */
  z.strictObject({ mechanism: z.literal('tls'), secretArn: secretArn.optional() }),
  /** TLS in which the client shows a certificate of its own. */
  z.strictObject({ mechanism: z.literal('mtls'), secretArn }),
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

/** The topic that a job loads, and how it is read. */
export const kafkaSource = z
  .strictObject({
    clusterArn: clusterArn.optional(),
    brokers: z.array(hostPort).min(1).max(50).optional(),
    topic,
    partitions: z.array(partition).min(1).max(MAX_PARTITIONS).optional(),
    startOffsets: offsetsSpec.default('latest'),
    endOffsets: offsetsSpec.optional(),
    isolation: z.enum(['read_committed', 'read_uncommitted']).default('read_committed'),
    auth: auth.default({ mechanism: 'none' }),
  })
  .superRefine((source, context) => {
    const faulty = faultyFields(context.issues);
    for (const [path, message] of [
      ...clusterFaults(source),
      ...(faulty.has('partitions') ? [] : partitionFaults(source, faulty)),
    ]) {
      context.addIssue({ code: 'custom', path, message });
    }
  }, despiteFaults);
export type KafkaSource = z.infer<typeof kafkaSource>;

type SourceFault = [path: string[], message: string];

function clusterFaults({ clusterArn: arn, brokers }: KafkaSource): SourceFault[] {
  if ((arn === undefined) !== (brokers === undefined)) return [];
  return [[['brokers'], 'exactly one of clusterArn and brokers must be given']];
}

function partitionFaults(source: KafkaSource, faulty: ReadonlySet<string>): SourceFault[] {
  const { partitions } = source;
  if (partitions === undefined) return [];
  const faults: SourceFault[] = [];
  if (new Set(partitions).size !== partitions.length) {
    faults.push([['partitions'], 'must not repeat a partition']);
  }
  for (const field of ['startOffsets', 'endOffsets'] as const) {
    const given = source[field];
    if (faulty.has(field) || typeof given !== 'object' || 'timestamp' in given) continue;
    for (const key of Object.keys(given)) {
      if (partitions.includes(Number(key))) continue;
      faults.push([[field, key], `partition ${key} is not among partitions`]);
    }
  }
  return faults;
}
