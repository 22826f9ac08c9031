import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import { damage, madeReader, OFFSET_NOT_AVAILABLE, OUT_OF_RANGE, upTo } from './made-reader.ts';

describe('whatever brokers do', () => {
  const FAULTS = [
    'none',
    'moves',
    'unknown',
    'unavailable',
    'late',
    'reset',
    'damaged',
    'empty',
    'throttled',
    'replica',
  ] as const;

  it('every record of the slice is handed over once and in order', async () => {
    const anyFaults = fc.array(fc.constantFrom(...FAULTS), { maxLength: 60 });
    const anyRanges = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        anyFaults,
        anyRanges,
        fc.constantFrom(100, 500, 10_000),
        async (faults, ends, bytes) => {
          const { clock, cluster, consumer, read } = madeReader({
            answerBytes: bytes,
            partitionBytes: bytes,
          });
          const slice: Record<number, [number, number]> = {};
          ends.forEach(([a, b], partition) => {
            cluster.fill(partition, { batches: 12, perBatch: 5, leader: partition % 2 });
            slice[partition] = [Math.min(a, b), Math.max(a, b)];
          });
          const script = [...faults];
          cluster.onFetch = ({ node, partitions }, partition) => {
            const log = cluster.logs.get(partition);
            const offset = partitions.find((asked) => asked.partition === partition)?.offset ?? 0n;
            if (node === 7)
              return script.length % 2
                ? { errorCode: OUT_OF_RANGE }
                : { records: cluster.recordsFrom(partition, offset, bytes) };
            switch (script.pop()) {
              case 'moves':
                if (log) log.leader = 1 - log.leader;
                return undefined;
              case 'unknown':
                return { errorCode: 3 };
              case 'unavailable':
                return { errorCode: OFFSET_NOT_AVAILABLE };
              case 'late':
                clock.skip(900);
                return undefined;
              case 'reset':
                throw new LoadFailure('BROKER_UNREACHABLE', 'reset');
              case 'damaged':
                return { records: damage(cluster.recordsFrom(partition, offset, bytes), 40) };
              case 'empty':
                return {};
              case 'throttled':
                cluster.throttleMs = 200;
                return undefined;
              case 'replica':
                return { preferredReadReplica: 7 };
              default:
                return undefined;
            }
          };

          const { to } = await read(slice).catch((error: unknown) => {
            // Twice in a row at the same offset is the one thing that may fail it.
            if (error instanceof LoadFailure && error.code === 'CORRUPT_BATCH')
              return { to: undefined };
            throw error;
          });

          for (const [partition, [from, end]] of Object.entries(slice)) {
            const seen = consumer.offsets(Number(partition));
            const wanted = upTo(end).slice(from);
            expect(seen).toEqual(to ? wanted : wanted.slice(0, seen.length));
            if (to) expect(to.get(Number(partition))).toBe(BigInt(end));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
