import fc from 'fast-check';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { fillPeriod, NO_PERIOD } from '../../../../../functions/loader/sinks/period.ts';
import { objectKeys } from '../../../../../functions/loader/sinks/s3/object-key.ts';
import {
  KEY_FIELDS,
  s3Destination,
} from '../../../../../functions/shared/domain/spec/s3-destination.ts';
import { attemptLabel } from '../../../../../functions/shared/domain/task.ts';

const destination = (more: object = {}) => s3Destination.parse({ bucket: 'lake', ...more });
const slice = { lane: 3, slice: new Map([[5, { from: 70n, to: 80n }]]) };

const template = fc
  .array(
    fc.oneof(
      fc.constantFrom(...KEY_FIELDS.map((field) => (field === 'task' ? '={task}=' : `{${field}}`))),
      fc.constantFrom('a', 'x=', '-', '.', '_', '/b', '(c)', '*'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => ['k', ...parts, '/', '{task}'].join(''));

describe('a key', () => {
  it('leads back to its label, and begins with what its label says, whatever the template', () => {
    fc.assert(
      fc.property(template, fc.integer({ min: 1, max: 10_000 }), (keyTemplate, attempt) => {
        const jobId = ulid();
        const label = attemptLabel({ jobId, id: ulid() }, attempt);
        const keys = objectKeys(destination({ keyTemplate, prefix: 'p/q' }), 'job-1');
        const key = keys.keyOf(label, slice);
        expect(keys.labelIn(key, jobId)).toBe(label);
        expect(key.startsWith(keys.prefixOf(label))).toBe(true);
        expect(key.startsWith(keys.prefixOf())).toBe(true);
      }),
    );
  });

  it('of another job, or of no job at all, has no label', () => {
    const keys = objectKeys(destination(), 'flights');
    const label = attemptLabel({ jobId: ulid(), id: ulid() }, 1);
    const key = keys.keyOf(label, slice);
    expect(keys.labelIn(key, ulid())).toBeUndefined();
    expect(keys.labelIn(`x${key}`, label.split('_')[1] ?? '')).toBeUndefined();
    expect(keys.labelIn('flights/2026-01-01/readme.ndjson', '')).toBeUndefined();
  });

  it('of two attempts, or of two jobs that share a bucket, differs', () => {
    const keys = objectKeys(destination({ table: 't' }), 'flights');
    const [job, other, id] = [ulid(), ulid(), ulid()];
    const labels = [
      attemptLabel({ jobId: job, id }, 1),
      attemptLabel({ jobId: job, id }, 2),
      attemptLabel({ jobId: other, id }, 1),
    ];
    expect(new Set(labels.map((label) => keys.keyOf(label, slice))).size).toBe(3);
  });

  it('must not be longer than S3 takes', () => {
    const keyTemplate = `${'{job}'.repeat(30)}/{task}`;
    const keys = objectKeys(destination({ keyTemplate }), 'j'.repeat(64));
    const label = attemptLabel({ jobId: ulid(), id: ulid() }, 1);
    expect(() => keys.keyOf(label, slice)).toThrow(/at most 1024 bytes/);
  });

  it('that names the slice cannot be made without it', () => {
    const keys = objectKeys(destination({ keyTemplate: '{lane}/{task}' }), 'flights');
    expect(() => keys.keyOf(attemptLabel({ jobId: ulid(), id: ulid() }, 1), undefined)).toThrow(
      /must be told its slice/,
    );
  });
});

describe('a key with the date of rows', () => {
  const partitionBy = { column: 'at', unit: 'hour' };

  it.each(['2026-11-22T05', NO_PERIOD])('leads back to its label in %s', (period) => {
    const jobId = ulid();
    const label = attemptLabel({ jobId, id: ulid() }, 3);
    for (const keyTemplate of [
      undefined,
      '{record_date}/{record_hour}/{task}',
      '{record_year}{record_month}{record_day}-{record_hour}-{task}',
      '{date}-{task}_{record_date}{record_hour}',
    ]) {
      const keys = objectKeys(destination({ partitionBy, keyTemplate }), 'flights');
      const key = fillPeriod(keys.keyOf(label, slice), period);
      expect(key).not.toMatch(/[{}]/);
      expect(keys.labelIn(key, jobId)).toBe(label);
      expect(key.startsWith(keys.prefixOf(label))).toBe(true);
    }
  });

  it('is by default in directories as Hive names them', () => {
    const label = attemptLabel({ jobId: ulid(), id: ulid() }, 1);
    const keys = objectKeys(destination({ partitionBy }), 'flights');
    expect(fillPeriod(keys.keyOf(label, slice), '2026-11-22T05')).toMatch(
      /^flights\/year=2026\/month=11\/day=22\/hour=05\/[^/]+\.ndjson$/,
    );
  });

  it('must not be too long with the word for no date either', () => {
    const keyTemplate = `${'{record_date}/'.repeat(30)}{record_hour}/{task}`;
    const keys = objectKeys(
      destination({ partitionBy, keyTemplate, prefix: 'p'.repeat(200) }),
      'flights',
    );
    const label = attemptLabel({ jobId: ulid(), id: ulid() }, 1);
    expect(() => keys.keyOf(label, slice)).toThrow(/at most 1024 bytes, got 1\d\d\d/);
  });
});
