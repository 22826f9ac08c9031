import * as z from 'zod';

/**
 * What the commands read of the API's answers (functions/api/views says all that is in them). Fields and codes that
 * are not known here are let be: the installation may be newer than this command.
 */

const time = z.iso.datetime();
const digits = z.string().regex(/^-?\d+$/);
const count = z.number();
const range = z.object({ from: digits, to: digits });

const reason = z.object({ code: z.string(), message: z.string(), at: time });
const taskError = reason.extend({ attempt: count });
const cursor = z.string().optional();

const state = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  reason,
});

/** GET /jobs. */
export const jobList = z.object({
  jobs: z.array(
    state.extend({
      topic: z.string(),
      note: reason.optional(),
      nextResumeAt: time.optional(),
      updatedAt: time,
    }),
  ),
  unreadable: z.array(z.object({ id: z.string() })).optional(),
  cursor,
});

const redrive = z.object({ requestedAt: time, upTo: z.string() });

/** What pause, resume, stop and redrive answer. */
export const stateAnswer = state.extend({ tasksInFlight: count, redrive: redrive.optional() });
export type StateAnswer = z.infer<typeof stateAnswer>;

const liveTask = z.object({
  id: z.string(),
  lane: count,
  status: z.string(),
  attempt: count,
  since: time,
  leaseUntil: time.optional(),
  error: taskError.optional(),
});

/** GET /jobs/{job}. */
export const jobAnswer = stateAnswer.extend({
  note: reason.optional(),
  nextResumeAt: time.optional(),
  stalled: z.union([
    z.literal(false),
    z.object({ since: time, message: z.string(), lastError: taskError.optional() }),
  ]),
  createdAt: time,
  specVersion: count,
  lanes: z.array(
    z.object({
      lane: count,
      partitions: count,
      taskId: z.string().optional(),
      lag: digits,
      committedAt: time.optional(),
    }),
  ),
  lag: z.object({
    records: digits,
    partitions: z.record(
      z.string(),
      z.object({ next: digits, end: digits.optional(), lag: digits.optional() }),
    ),
  }),
  statistics: z.object({
    rows: count,
    bytes: count,
    rejected: count,
    filtered: count,
    skipped: count,
    tasks: count,
  }),
  tasksInDoubt: count,
  tasks: z.array(liveTask),
  seek: z.unknown().optional(),
  spec: z.looseObject({
    source: z.looseObject({ kafka: z.looseObject({ topic: z.string() }) }),
    destination: z.looseObject({}),
  }),
});
export type JobAnswer = z.infer<typeof jobAnswer>;

/** GET /jobs/{job}/tasks. */
export const taskList = z.object({
  tasks: z.array(
    z.object({
      id: z.string(),
      lane: count,
      status: z.string(),
      attempt: count,
      createdAt: time,
      finishedAt: time.optional(),
      offsets: digits,
      statistics: z.object({ rows: count, rejected: count, bytes: count }).optional(),
      error: taskError.optional(),
    }),
  ),
  cursor,
});

/** GET /jobs/{job}/tasks/{task}, and what resolve answers. */
export const taskAnswer = z.object({ id: z.string(), status: z.string() });

/** GET /jobs/{job}/history. */
export const historyList = z.object({
  entries: z.array(
    z.object({
      at: time,
      kind: z.string(),
      from: z.string().optional(),
      to: z.string().optional(),
      reason,
    }),
  ),
  cursor,
});

/** GET /jobs/{job}/errors. */
export const errorList = z.object({
  tasks: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      createdAt: time,
      rejected: count,
      error: taskError.optional(),
      badRows: z.array(
        z.object({
          partition: count.optional(),
          offset: digits.optional(),
          column: z.string().optional(),
          reason: z.string(),
          excerpt: z.string(),
        }),
      ),
    }),
  ),
  cursor,
});

/** GET /jobs/{job}/dead-letters. */
export const deadLetterList = z.object({
  deadLetters: z.array(
    z.object({
      task: z.string(),
      location: z.string().optional(),
      rows: count,
      notListed: count,
      notKept: count,
      at: time,
      partitions: z.record(z.string(), range),
      again: z.boolean(),
    }),
  ),
  cursor,
});

const verdict = z.union([z.boolean(), z.literal('partial')]);
const fates = { rows: count, filtered: count, rejected: count, skipped: count };

/** GET /jobs/{job}/verify. */
export const proofAnswer = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  complete: verdict,
  message: z.string(),
  asOf: time,
  totals: z.object({
    ...fates,
    offsets: digits,
    elements: count,
    holes: digits,
    tasks: count,
    faults: count,
    redriven: z.object({ rows: count, elements: count }),
  }),
  partitions: z.record(
    z.string(),
    z.object({
      ...fates,
      start: digits,
      provenFrom: digits,
      committed: digits,
      holes: digits.optional(),
      tasks: count,
      faults: z.array(range.extend({ kind: z.string(), tasks: z.array(z.string()) })),
    }),
  ),
});
export type ProofAnswer = z.infer<typeof proofAnswer>;

/** POST /previews, POST /jobs/{job}/preview and GET /previews/{preview}. */
export const previewAnswer = z.object({
  id: z.string(),
  status: z.string(),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
  mappedBy: z.string().optional(),
  records: z
    .array(
      z.object({
        partition: count,
        offset: digits,
        value: z.string().nullable().optional(),
        valueBase64: z.string().optional(),
        rows: z.array(z.unknown()).optional(),
        rowsLeftOut: count.optional(),
        rejected: z.object({ column: z.string().optional(), reason: z.string() }).optional(),
        filtered: z.boolean().optional(),
        skipped: z.string().optional(),
      }),
    )
    .optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string().optional() })).optional(),
  columnsLeftOut: count.optional(),
  counts: z.object({ ...fates, records: count, elements: count }).optional(),
});
export type PreviewAnswer = z.infer<typeof previewAnswer>;
