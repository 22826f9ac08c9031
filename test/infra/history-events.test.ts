import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { changeState, newJob, tellStall } from '#shared/domain/change-job.ts';
import { requestRedrive } from '#shared/domain/change-redrive.ts';
import type { HistoryEntry } from '#shared/domain/job.ts';
import { encodeHistory, encodeJob } from '#shared/store/job-record.ts';
import { marshall } from '#shared/store/marshall.ts';
import type { Item } from '#shared/store/tables.ts';
import { exampleJob, NOW } from '../support/planning-examples.ts';
import { existingStack, resourceOf } from '../support/stacks.ts';

/**
 * What happens to a job, from the change to the event: the entries that the product writes, through the filter
 * and the template that are deployed. EventBridge itself is not here.
 */

const { Properties: pipe } = resourceOf(
  Template.fromStack(existingStack()),
  'AWS::Pipes::Pipe',
  'HistoryEvents',
);

/** The record of a new item, as the stream hands it to the pipe. */
function inserted(item: Item) {
  const image = marshall(item);
  return {
    eventName: 'INSERT',
    dynamodb: { Keys: { pk: image.pk, sk: image.sk }, NewImage: image },
  };
}

type Record = ReturnType<typeof inserted>;

/** By the one filter: the prefix of the key, and the kinds that it lists. */
function passes({ eventName, dynamodb }: Record): boolean {
  const [{ Pattern }] = pipe.SourceParameters.FilterCriteria.Filters;
  const pattern = JSON.parse(Pattern);
  const [{ prefix }] = pattern.dynamodb.Keys.sk.S;
  const kind = dynamodb.NewImage.kind?.S;
  return (
    pattern.eventName.includes(eventName) &&
    !!dynamodb.Keys.sk?.S?.startsWith(prefix) &&
    pattern.dynamodb.NewImage.kind.S.includes(kind)
  );
}

/** The event's detail: each place of the template is filled with what stands at its path. */
function detailOf(record: Record) {
  const text = pipe.TargetParameters.InputTemplate.replace(
    /<\$\.([^>]+)>/g,
    (_place: string, path: string) => {
      const value = path
        .split('.')
        .reduce<unknown>((at, name) => (at as { [name: string]: unknown })?.[name], record);
      if (value === undefined) throw new Error(`nothing at ${path}`);
      return JSON.stringify(value);
    },
  );
  return JSON.parse(text);
}

const at = { now: NOW, token: 'T9' };
const running = exampleJob({ state: 'RUNNING', generation: 1 });
const stalled = { ...running, stalledSince: NOW - 600_000 };
const becomes = (to: 'PAUSED' | 'STOPPED', code: 'OFFSET_OUT_OF_RANGE' | 'STOPPED_BY_USER') =>
  changeState(running, to, {
    ...at,
    code,
    message: 'partition 0 wants 5, the log begins at 9',
    detail: { partition: 0, from: 5n, to: 9n },
  }).entry;

const happenings: [string, HistoryEntry, string][] = [
  ['is created', newJob(running.spec, { id: 'J1', ...at }).entry, 'CREATED'],
  ['changes its state', becomes('STOPPED', 'STOPPED_BY_USER'), 'STOPPED_BY_USER'],
  [
    'has lost records to retention',
    becomes('PAUSED', 'OFFSET_OUT_OF_RANGE'),
    'OFFSET_OUT_OF_RANGE',
  ],
  [
    'stalls',
    tellStall(running, { since: NOW - 600_000, lanes: [0], message: 'stands still' }, at).entry,
    'STALLED',
  ],
  [
    'has its dead letters wanted',
    requestRedrive(running, { ...at, upTo: 'K1' }).entry,
    'REDRIVE_REQUESTED',
  ],
  ['recovers', tellStall(stalled, undefined, at).entry, 'RECOVERED'],
];

describe('there is an event when a job', () => {
  it.each(happenings)('%s', (_what, entry, code) => {
    const record = inserted(encodeHistory('J1', entry));

    expect(passes(record)).toBe(true);
    expect(detailOf(record)).toMatchObject({
      job: 'JOB#J1',
      at: String(NOW),
      kind: entry.kind,
      code,
      message: entry.reason.message,
      entry: { id: { S: entry.id } },
    });
  });
});

it('there is none for what policies did to single records', () => {
  const reason = {
    code: 'POLICIES_APPLIED',
    message: 'tombstone: skip (1 record)',
    at: NOW,
  } as const;
  const entry: HistoryEntry = { id: 'H1', at: NOW, kind: 'policy', reason };
  expect(passes(inserted(encodeHistory('J1', entry)))).toBe(false);
});

it('there is none for the other items of a job', () => {
  expect(passes(inserted(encodeJob(running)))).toBe(false);
});
