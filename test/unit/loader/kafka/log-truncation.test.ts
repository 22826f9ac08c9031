import { describe, expect, it } from 'vitest';
import { AnswerIntake } from '../../../../functions/loader/kafka/answer-intake.ts';
import type { FetchedPartition } from '../../../../functions/loader/kafka/fetch-response.ts';
import { logTruncation } from '../../../../functions/loader/kafka/log-truncation.ts';
import { PartitionProgress } from '../../../../functions/loader/kafka/partition-progress.ts';
import { madeBatch } from './made-batches.ts';

const LEADER_EPOCH_AT = 12;

/** Ten records, written by a leader with this epoch. */
function batch(baseOffset: bigint, epoch: number): Buffer {
  const records = Array.from({ length: 10 }, (_, delta) => ({ delta, value: 'x' }));
  const bytes = madeBatch({ baseOffset, records });
  bytes.writeInt32BE(epoch, LEADER_EPOCH_AT);
  return bytes;
}

/** A range of partition 3, led by node 1, and what becomes of answers. */
function reading(from: bigint, to: bigint, epoch?: number) {
  const progress = new PartitionProgress(3, { from, to, epoch });
  const lead = () => {
    progress.leader = 1;
    progress.node = 1;
  };
  lead();
  const intake = new AnswerIntake({
    topic: 'flights',
    isolation: 'read_committed',
    settings: { maxBatchBytes: 1_000_000 },
    passOver: () => false,
  });
  const take = (part: Partial<FetchedPartition>) => {
    const whole = {
      ...{ partition: 3, errorCode: 0, preferredReadReplica: -1, aborted: [] },
      ...{ highWatermark: 100n, lastStableOffset: 100n, logStartOffset: 0n },
      ...{ records: Buffer.alloc(0), ...part },
    };
    const answer = { throttleMs: 0, errorCode: 0, partitions: [whole] };
    const asked = new Map([[3, progress.requested]]);
    const arrival = { kind: 'answer', node: 1, asked, answer, body: whole.records } as const;
    return intake.take(arrival, [progress]).failure;
  };
  /** As the walk leaves it behind. */
  const walkedTo = (position: bigint, epoch: number) => {
    progress.moveTo(position, epoch);
    progress.rewind();
  };
  return { progress, lead, take, walkedTo };
}

describe('the epoch before the next fetch', () => {
  it('is that of the last batch which came', () => {
    const { progress, take, walkedTo } = reading(0n, 50n);
    expect(progress.lastEpoch).toBe(-1);
    take({ records: Buffer.concat([batch(0n, 4), batch(10n, 6)]) });
    expect([progress.requested, progress.lastEpoch]).toEqual([20n, 6]);
    walkedTo(20n, 6);
    expect(progress.fetchFrom).toEqual({ offset: 20n, lastEpoch: 6 });
  });

  it('of a range that goes on is that of the record before it', () => {
    expect(reading(40n, 50n, 4).progress.fetchFrom).toEqual({ offset: 40n, lastEpoch: 4 });
  });

  it('is of the batch in which a range ends, and not of those behind it', () => {
    const { progress, take } = reading(0n, 15n);
    take({ records: Buffer.concat([batch(0n, 4), batch(10n, 6), batch(20n, 8)]) });
    expect(progress.lastEpoch).toBe(6);
  });

  it('is that of the record before where reading goes back', () => {
    const { progress, take, walkedTo } = reading(0n, 50n);
    take({ records: Buffer.concat([batch(0n, 4), batch(10n, 6)]) });
    walkedTo(10n, 4);
    expect(progress.fetchFrom).toEqual({ offset: 10n, lastEpoch: 4 });
  });

  it('is not known where no batch has the record any more', () => {
    const { progress, take } = reading(0n, 20n);
    take({ records: Buffer.concat([batch(0n, 4), batch(30n, 6)]) });
    expect([progress.requested, progress.lastEpoch]).toEqual([40n, -1]);
  });

  it('is not asked about again once it was answered that the offset is out of range', () => {
    const { progress, take, walkedTo } = reading(0n, 50n);
    take({ records: batch(0n, 4) });
    walkedTo(10n, 4);
    expect(take({ errorCode: 1 })).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(progress.fetchFrom).toEqual({ offset: 10n, lastEpoch: -1 });
  });
});

describe('a log that parts from what was read', () => {
  it('fails the try, after a second look, where that try alone has read it', () => {
    const { progress, lead, take, walkedTo } = reading(10n, 50n);
    take({ records: Buffer.concat([batch(10n, 4), batch(20n, 4)]) });
    walkedTo(30n, 4);
    expect(take({ divergesAt: 25n })).toMatchObject({ code: 'KAFKA_ERROR' });
    expect([progress.node, progress.lastEpoch]).toEqual([-1, 4]);
    lead();
    expect(() => take({ divergesAt: 25n })).toThrow(
      expect.objectContaining({
        code: 'KAFKA_ERROR',
        message:
          'an election lost records of partition 3 of flights that were read before offset 30: at most those up to 25 are still there',
      }),
    );
  });

  it('is LOG_TRUNCATED when a range begins behind it', () => {
    const { lead, take } = reading(40n, 50n, 4);
    expect(take({ divergesAt: 25n })).toMatchObject({ code: 'KAFKA_ERROR' });
    lead();
    expect(() => take({ divergesAt: 25n })).toThrow(
      expect.objectContaining({
        code: 'LOG_TRUNCATED',
        facts: { topic: 'flights', partition: 3, offset: 40n, agreesTo: 25n },
        partitions: [3],
      }),
    );
  });

  it('is LOG_TRUNCATED where it parts before the range that is being read', () => {
    const { lead, take, walkedTo } = reading(10n, 50n);
    take({ records: batch(10n, 4) });
    walkedTo(20n, 4);
    take({ divergesAt: 5n });
    lead();
    expect(() => take({ divergesAt: 5n })).toThrow(
      expect.objectContaining({ code: 'LOG_TRUNCATED' }),
    );
  });

  it('is not believed of a replica: the leader is asked', () => {
    const { progress, take } = reading(40n, 50n, 4);
    for (const _ of [1, 2, 3]) {
      progress.leader = 2;
      progress.node = 1;
      expect(take({ divergesAt: 5n })?.code).toBe('KAFKA_ERROR');
      expect(progress.staysWithLeader).toBe(true);
    }
  });
});

describe('a log that has never heard of the epoch, and goes on behind the position', () => {
  /** Twice told by the leader that it parts at 70, where 40 is to be read after a record of epoch 4. */
  function doubtful() {
    const made = reading(40n, 90n, 4);
    made.take({ divergesAt: 70n });
    made.lead();
    made.take({ divergesAt: 70n });
    expect(made.progress.fetchFrom).toEqual({ offset: 39n, lastEpoch: -1 });
    return made;
  }

  it('is LOG_TRUNCATED when the record before the position is of another epoch', () => {
    const { take } = doubtful();
    expect(() => take({ records: batch(35n, 3) })).toThrow(
      expect.objectContaining({
        code: 'LOG_TRUNCATED',
        facts: { topic: 'flights', partition: 3, offset: 40n, agreesTo: 39n },
      }),
    );
  });

  it.each([
    ['has that record', batch(35n, 4)],
    ['has lost that record to compaction', batch(42n, 6)],
    ['has it no more, and an older one', Buffer.concat([batch(25n, 3), batch(42n, 6)])],
  ])('is read on when it %s', (_, records) => {
    const { progress, take } = doubtful();
    expect(take({ records })).toBeUndefined();
    expect(progress.doubtedEpoch).toBeUndefined();
    expect(progress.fetchFrom.offset).toBeGreaterThanOrEqual(40n);
  });

  it('is read on when retention has deleted that record', () => {
    const { progress, take, lead } = doubtful();
    expect(take({ errorCode: 1 })).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    lead();
    expect(progress.fetchFrom).toEqual({ offset: 40n, lastEpoch: -1 });
    // Said once more of the position itself, it is no more than a first time.
    expect(take({ errorCode: 1 })).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
  });

  it('is asked for more where not even that batch came whole', () => {
    const { progress, take } = doubtful();
    take({ records: batch(35n, 3).subarray(0, 70) });
    expect(progress.fetchFrom.offset).toBe(39n);
    expect(progress.neededBytes).toBe(batch(35n, 3).length);
  });
});

it('one failure names all partitions of which it is known', () => {
  const ranges = [3, 5, 7].map((partition) => {
    const isOfThisTry = partition === 3;
    return { partition, offset: 40n, agreesTo: 25n, isOfThisTry };
  });
  expect(logTruncation('flights', ranges)).toMatchObject({
    code: 'LOG_TRUNCATED',
    message:
      'an election lost records of partition 5 of flights that were read before offset 40: at most those up to 25 are still there; it lost some of partitions 7 too',
    facts: { partition: 5, others: [{ partition: 7, offset: 40n, agreesTo: 25n }] },
    partitions: [5, 7],
  });
  expect(logTruncation('flights', [])).toBeUndefined();
});
