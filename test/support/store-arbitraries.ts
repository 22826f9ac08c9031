import fc from 'fast-check';
import { FAILURE_CODES } from '#shared/domain/failure.ts';
import { HISTORY_KINDS, type HistoryEntry, type Job } from '#shared/domain/job.ts';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { JOB_STATES, REASON_CODES } from '#shared/domain/job-state.ts';
import type { Lane } from '#shared/domain/lane.ts';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { OffsetMap, Slice } from '#shared/domain/offsets.ts';
import {
  type Decision,
  type PolicyApplication,
  RECORD_POLICIES,
  TASK_STATUSES,
  type Task,
} from '#shared/domain/task.ts';

/** Arbitrary jobs, lanes, tasks and entries, for property tests. */

const count = fc.nat();
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const text = fc.string({ maxLength: 20 });
const id = fc.stringMatching(/^[0-9A-Z]{26}$/);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const partition = fc.nat(1_000_000);

/** Any offset that Kafka has, and the negative ones of its special positions. */
const anyOffset = fc.bigInt({ min: -2n, max: 9_223_372_036_854_775_807n });

/** A map by partition. */
function byPartition<T>(value: fc.Arbitrary<T>): fc.Arbitrary<ReadonlyMap<number, T>> {
  return fc
    .uniqueArray(fc.tuple(partition, value), { selector: ([key]) => key, maxLength: 12 })
    .map((entries) => new Map(entries));
}

export const anyOffsets: fc.Arbitrary<OffsetMap> = byPartition(anyOffset);

/** Few that differ, so that they are stored in runs; at least one. */
export const anyEpochs: fc.Arbitrary<LeaderEpochs> = fc
  .uniqueArray(
    fc.tuple(fc.oneof(fc.nat(20), partition), fc.oneof(fc.nat(2), fc.nat(2_147_483_647))),
    { selector: ([key]) => key, minLength: 1, maxLength: 20 },
  )
  .map((entries) => new Map(entries));

export const anySlice: fc.Arbitrary<Slice> = byPartition(
  fc.tuple(anyOffset, fc.bigInt({ min: 0n, max: 1_000_000n })).map(([from, length]) => ({
    from,
    to: from + length,
  })),
);

const reason = fc.record({ code: fc.constantFrom(...REASON_CODES), message: text, at: time });
const totals = fc.record({
  rows: count,
  extraRows: optional(fc.integer({ min: -1_000, max: 1_000 })),
  bytes: count,
  rejected: count,
  skipped: count,
  filtered: count,
  tasks: count,
});

const spec = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    comment: text,
    desiredConcurrency: fc.integer({ min: 1, max: 256 }),
    startOffsets: fc.constantFrom(
      'earliest' as const,
      { timestamp: '2026-01-01T00:00:00Z' },
      { '0': '9223372036854775807', '7': 'latest' },
    ),
    partitions: optional(fc.constant([0, 7])),
  })
  .map(({ startOffsets, partitions, ...rest }) =>
    jobSpec.parse({
      ...rest,
      source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 't', startOffsets, partitions } },
      destination: { file: { table: 't' } },
    }),
  );

export const anyJob: fc.Arbitrary<Job> = fc.record({
  id,
  spec,
  specVersion: count,
  state: fc.constantFrom(...JOB_STATES),
  reason,
  note: optional(reason),
  generation: count,
  claimedGeneration: count,
  changeToken: id,
  topicId: optional(text),
  seek: optional(fc.constantFrom('latest' as const, { '3': '17' })),
  resume: optional(fc.record({ attempts: count, nextAt: time })),
  dueAt: optional(time),
  totals,
  idempotencyKey: optional(text),
  createdAt: time,
  updatedAt: time,
});

export const anyEntry: fc.Arbitrary<HistoryEntry> = fc.record({
  id,
  at: time,
  kind: fc.constantFrom(...HISTORY_KINDS),
  from: optional(fc.constantFrom(...JOB_STATES)),
  to: optional(fc.constantFrom(...JOB_STATES)),
  reason,
  detail: optional(
    fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(text, count, fc.boolean()), {
      noNullPrototype: true,
    }),
  ),
});

/** Of up to three generations, each of which begins once. */
const anyStarts: fc.Arbitrary<Lane['start']> = fc
  .tuple(byPartition(anyOffset), fc.tuple(time, time, time))
  .map(([offsets, times]) => {
    const begun = (partition: number) => ({
      generation: (partition % times.length) + 7,
      at: times[partition % times.length]!,
    });
    return new Map([...offsets].map(([p, offset]) => [p, { offset, ...begun(p) }]));
  });

export const anyLane: fc.Arbitrary<Lane> = fc.record({
  jobId: id,
  generation: fc.nat(999_999),
  index: fc.nat(9_999),
  next: anyOffsets,
  start: anyStarts,
  until: optional(anyOffsets),
  epochs: optional(anyEpochs),
  ends: anyOffsets,
  taskId: optional(id),
  revision: count,
  errorWindow: fc.record({ rows: count, bad: count }),
  rows: count,
  extraRows: optional(fc.integer({ min: -1_000, max: 1_000 })),
  bytes: count,
  rejected: count,
  skipped: count,
  filtered: count,
  tasks: count,
  plannedAt: optional(time),
  committedAt: optional(time),
  createdAt: time,
});

/** In the order in which they are stored: by policy, then by partition. */
const anyPolicies: fc.Arbitrary<PolicyApplication[]> = fc
  .record(
    Object.fromEntries(
      RECORD_POLICIES.map((policy) => [
        policy,
        fc.tuple(
          text,
          byPartition(fc.record({ count, from: fc.bigInt(0n, 99n), to: fc.bigInt(100n, 200n) })),
        ),
      ]),
    ),
    { requiredKeys: [] },
  )
  .map((given) =>
    RECORD_POLICIES.flatMap((policy) => {
      const [action, applied] = given[policy] ?? ['', new Map()];
      return [...applied]
        .sort(([a], [b]) => a - b)
        .map(([number, range]) => ({ policy, action, partition: number, ...range }));
    }),
  );

const decision: fc.Arbitrary<Decision> = fc.record({
  attempt: count,
  handle: optional(
    fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(text, count), {
      noNullPrototype: true,
    }),
  ),
  to: anyOffsets,
  epochs: optional(anyEpochs),
  statistics: fc.record({
    counts: byPartition(
      fc.record({ rows: count, rejected: count, skipped: count, filtered: count }),
    ),
    bytes: count,
    writtenBytes: count,
    badRows: fc.array(
      fc.record({
        partition,
        offset: anyOffset.map(String),
        column: optional(text),
        reason: text,
        excerpt: text,
      }),
      { maxLength: 3 },
    ),
    policies: anyPolicies,
  }),
  at: time,
});

export const anyTask: fc.Arbitrary<Task> = fc.record({
  jobId: id,
  id,
  lane: fc.nat(9_999),
  generation: count,
  laneRevision: count,
  specVersion: count,
  slice: anySlice,
  epochs: optional(anyEpochs),
  status: fc.constantFrom(...TASK_STATUSES),
  attempt: count,
  failures: count,
  owner: optional(text),
  leaseUntil: optional(time),
  notBefore: optional(time),
  offeredAt: time,
  offers: count,
  decision: optional(decision),
  error: optional(
    fc.record({
      code: fc.constantFrom(...FAILURE_CODES),
      message: text,
      at: time,
      attempt: count,
    }),
  ),
  createdAt: time,
  finishedAt: optional(time),
});
