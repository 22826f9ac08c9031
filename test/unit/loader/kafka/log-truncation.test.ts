import { describe, expect, it } from 'vitest';
import { AnswerIntake } from '../../../../functions/loader/kafka/answer-intake.ts';
import type { FetchedPartition } from '../../../../functions/loader/kafka/fetch-response.ts';
import { PartitionProgress } from '../../../../functions/loader/kafka/partition-progress.ts';
import { ReadEpochs } from '../../../../functions/loader/kafka/read-epochs.ts';
import { madeBatch } from './made-batches.ts';

const ID = '00112233445566778899aabbccddeeff';
const LEADER_EPOCH_AT = 12;

/** Ten records, written by a leader with this epoch. */
function batch(baseOffset: bigint, epoch: number): Buffer {
  const records = Array.from({ length: 10 }, (_, delta) => ({ delta, value: 'x' }));
  const bytes = madeBatch({ baseOffset, records });
  bytes.writeInt32BE(epoch, LEADER_EPOCH_AT);
  return bytes;
}

/** A range of partition 3, led by node 1, and what becomes of answers. */
function reading(from: bigint, to: bigint) {
  const progress = new PartitionProgress(3, { from, to });
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
  const walkedTo = (position: bigint) => {
    progress.position = position;
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
    walkedTo(20n);
    expect(progress.lastEpoch).toBe(6);
  });

  it('is of the batch in which a range ends, and not of those behind it', () => {
    const { progress, take, walkedTo } = reading(0n, 15n);
    take({ records: Buffer.concat([batch(0n, 4), batch(10n, 6), batch(20n, 8)]) });
    walkedTo(15n);
    expect(progress.lastEpoch).toBe(6);
  });

  it('is not known where reading goes back, or passes over what did not come', () => {
    const back = reading(0n, 50n);
    back.take({ records: Buffer.concat([batch(0n, 4), batch(10n, 6)]) });
    back.walkedTo(10n);
    expect(back.progress.lastEpoch).toBe(-1);

    const beyond = reading(0n, 20n);
    beyond.take({ records: batch(0n, 4) });
    beyond.walkedTo(10n);
    beyond.walkedTo(20n);
    expect(beyond.progress.lastEpoch).toBe(-1);
  });

  it('is not asked about again once it was answered that the offset is out of range', () => {
    const { progress, take, walkedTo } = reading(0n, 50n);
    take({ records: batch(0n, 4) });
    walkedTo(10n);
    expect(take({ errorCode: 1 })).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(progress.lastEpoch).toBe(-1);
  });
});

describe('a log that parts from what was read', () => {
  it('fails the try, after a second look, where that try alone has read it', () => {
    const { progress, lead, take, walkedTo } = reading(10n, 50n);
    take({ records: Buffer.concat([batch(10n, 4), batch(20n, 4)]) });
    walkedTo(30n);
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

  it.each([
    ['where it parts before the range', 25n, 25n],
    ['where it is not known how far it agrees', 70n, 40n],
  ])('is LOG_TRUNCATED when a range begins behind it, %s', (_, divergesAt, agreesTo) => {
    const { progress, lead, take } = reading(40n, 50n);
    progress.lastEpoch = 4;
    take({ divergesAt });
    lead();
    expect(() => take({ divergesAt })).toThrow(
      expect.objectContaining({
        code: 'LOG_TRUNCATED',
        facts: { topic: 'flights', partition: 3, offset: 40n, agreesTo },
      }),
    );
  });

  it('is LOG_TRUNCATED where it parts before the range that is being read', () => {
    const { lead, take, walkedTo } = reading(10n, 50n);
    take({ records: batch(10n, 4) });
    walkedTo(20n);
    take({ divergesAt: 5n });
    lead();
    expect(() => take({ divergesAt: 5n })).toThrow(
      expect.objectContaining({ code: 'LOG_TRUNCATED' }),
    );
  });

  it('is not believed of a replica: the leader is asked', () => {
    const { progress, take } = reading(40n, 50n);
    progress.lastEpoch = 4;
    for (const _ of [1, 2, 3]) {
      progress.leader = 2;
      progress.node = 1;
      expect(take({ divergesAt: 5n })?.code).toBe('LOG_TRUNCATED');
      expect(progress.staysWithLeader).toBe(true);
    }
  });
});

describe('the ends of slices', () => {
  const ended = (position: bigint, lastEpoch: number) => {
    const progress = new PartitionProgress(3, { from: 0n, to: position });
    return Object.assign(progress, { position, requested: position, lastEpoch });
  };
  const beginning = (epochs: ReadEpochs, from: bigint, id: string | undefined = ID) => {
    const progress = new PartitionProgress(3, { from, to: from + 10n });
    epochs.recall(id, progress);
    return progress.lastEpoch;
  };

  it('are known to slices of that topic which begin there, until they are forgotten', () => {
    const epochs = new ReadEpochs();
    const end = ended(20n, 4);
    epochs.keep(ID, [end]);
    expect([beginning(epochs, 20n), beginning(epochs, 20n)]).toEqual([4, 4]);
    expect([beginning(epochs, 19n), beginning(epochs, 20n, 'other')]).toEqual([-1, -1]);
    epochs.forget(ID, [end]);
    expect(beginning(epochs, 20n)).toBe(-1);
  });

  it('are replaced by later ones, also by ones without an epoch', () => {
    const epochs = new ReadEpochs();
    epochs.keep(ID, [ended(20n, 4)]);
    epochs.keep(ID, [ended(30n, 5)]);
    expect([beginning(epochs, 20n), beginning(epochs, 30n)]).toEqual([-1, 5]);
    epochs.keep(ID, [ended(30n, -1)]);
    expect(beginning(epochs, 30n)).toBe(-1);
  });

  it('are not known where more was fetched than was read, nor of topics without an id', () => {
    const epochs = new ReadEpochs();
    epochs.keep(ID, [Object.assign(ended(20n, 4), { requested: 30n })]);
    expect(beginning(epochs, 20n)).toBe(-1);
    epochs.keep(undefined, [ended(20n, 4)]);
    expect(beginning(epochs, 20n, undefined)).toBe(-1);
  });
});
