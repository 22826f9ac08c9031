import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Horizon,
  type PartitionProof,
  PartitionTiling,
  type Piece,
} from '#shared/domain/tiling.ts';

const NOTHING_EXPIRED: Horizon = { begunAt: 1_000, expiredBefore: 0, isCut: false };

/** A piece whose offsets all became rows. */
function piece(from: number, to: number, more: Partial<Piece> = {}): Piece {
  return {
    taskId: `${from}-${to}`,
    from: BigInt(from),
    to: BigInt(to),
    finishedAt: 2_000 + from,
    counts: { rows: to - from, rejected: 0, skipped: 0, filtered: 0 },
    ...more,
  };
}

function prove(
  [begin, end]: readonly [number, number],
  pieces: readonly Piece[],
  horizon: Horizon = NOTHING_EXPIRED,
): PartitionProof {
  const tiling = new PartitionTiling(BigInt(begin), BigInt(end));
  for (const each of pieces) tiling.add(each);
  for (const each of pieces) tiling.blame(each);
  return tiling.proof(horizon);
}

/** Ends of neighbours, e.g. 3, 7, 20: pieces [3, 7) and [7, 20), in any order. */
const anyTiling = fc
  .uniqueArray(fc.nat(60), { minLength: 2, maxLength: 20 })
  .map((cuts) => cuts.sort((a, b) => a - b))
  .chain((cuts) => {
    const pieces = cuts.slice(1).map((to, i) => piece(cuts[i]!, to));
    const order = fc.shuffledSubarray(pieces, { minLength: pieces.length });
    return fc.record({
      bounds: fc.constant([cuts[0]!, cuts.at(-1)!] as const),
      pieces: order,
      chosen: fc.nat(pieces.length - 1),
    });
  });

const shown = ({ faults }: PartitionProof) =>
  faults.map(({ kind, from, to, tasks }) => [kind, Number(from), Number(to), [...tasks].sort()]);

describe('a tiling', () => {
  it('holds in whatever order its pieces come', () => {
    fc.assert(
      fc.property(anyTiling, ({ bounds, pieces }) => {
        const rows = bounds[1] - bounds[0];
        expect(prove(bounds, pieces)).toEqual({
          provenFrom: BigInt(bounds[0]),
          rows,
          rejected: 0,
          skipped: 0,
          filtered: 0,
          tasks: pieces.length,
          extraRows: 0,
          holes: 0n,
          faults: [],
        });
      }),
    );
  });

  it('sums what records made beyond one row each, from where it is proven', () => {
    const made = (from: number, to: number, extraRows: number, finishedAt = 2_000) =>
      piece(from, to, { extraRows, finishedAt });
    const whole = [made(6, 9, -2), made(0, 3, 10), made(3, 6, 0)];
    expect(prove([0, 9], whole)).toMatchObject({ rows: 9, extraRows: 8, holes: 0n });
    const expired = { begunAt: 1_000, expiredBefore: 1_500, isCut: false };
    expect(prove([0, 9], [made(0, 3, 10, 1_200), made(6, 9, 5)], expired)).toMatchObject({
      provenFrom: 6n,
      rows: 3,
      extraRows: 5,
    });
  });

  it('of which a piece is missing has exactly that gap, between its neighbours', () => {
    fc.assert(
      fc.property(anyTiling, ({ bounds, pieces, chosen }) => {
        const [gone] = pieces.splice(chosen, 1);
        const neighbours = pieces.filter(({ from, to }) => to === gone!.from || from === gone!.to);
        expect(shown(prove(bounds, pieces))).toEqual([
          ['gap', Number(gone!.from), Number(gone!.to), neighbours.map((p) => p.taskId).sort()],
        ]);
      }),
    );
  });

  it('with a piece loaded twice has exactly that overlap, by both tasks', () => {
    fc.assert(
      fc.property(anyTiling, fc.boolean(), ({ bounds, pieces, chosen }, first) => {
        const twin = { ...pieces[chosen]!, taskId: 'twin' };
        const all = first ? [twin, ...pieces] : [...pieces, twin];
        expect(shown(prove(bounds, all))).toEqual([
          ['overlap', Number(twin.from), Number(twin.to), [pieces[chosen]!.taskId, 'twin'].sort()],
        ]);
      }),
    );
  });

  it('whose pieces lie anyhow has its gaps and overlaps exactly where they are', () => {
    const anyPieces = fc.array(fc.tuple(fc.nat(28), fc.integer({ min: 1, max: 6 })), {
      maxLength: 7,
    });
    fc.assert(
      fc.property(anyPieces, (ranges) => {
        const [begin, end] = [5, 25];
        const pieces = ranges.map(([from, length], i) =>
          piece(from, from + length, { taskId: String(i) }),
        );
        const within = pieces.filter(({ from }) => from < end);
        const { faults } = prove([begin, end], pieces);
        for (let offset = 0; offset < 40; offset += 1) {
          const at = (range: { from: bigint; to: bigint }) =>
            range.from <= offset && offset < range.to;
          const tasks = within.filter(at).map(({ taskId }) => taskId);
          const inside = begin <= offset && offset < end;
          const kinds = new Set(faults.filter(at).map(({ kind }) => kind));
          expect(kinds.has('gap')).toBe(inside && tasks.length === 0);
          expect(kinds.has('overlap')).toBe(tasks.length > 1);
          expect(kinds.has('outside')).toBe(!inside && tasks.length > 0);
          const named = faults.filter((fault) => fault.kind === 'overlap' && at(fault));
          for (const task of named.length > 0 ? tasks : []) {
            expect(named.flatMap((fault) => fault.tasks)).toContain(task);
          }
        }
      }),
    );
  });

  it('that was shifted leaves a gap and reaches where it must not', () => {
    expect(shown(prove([0, 30], [piece(0, 10), piece(14, 24), piece(20, 30)]))).toEqual([
      ['overlap', 20, 24, ['14-24', '20-30']],
      ['gap', 10, 14, ['0-10', '14-24']],
    ]);
    expect(shown(prove([0, 20], [piece(0, 10), piece(13, 23)]))).toEqual([
      ['outside', 20, 23, ['13-23']],
      ['gap', 10, 13, ['0-10', '13-23']],
    ]);
  });
});

describe('counts', () => {
  it('add up with the holes, which are derived', () => {
    const counts = { rows: 5, rejected: 2, skipped: 1, filtered: 0 };
    const proof = prove([0, 20], [piece(0, 10, { counts }), piece(10, 20)]);
    expect(proof).toMatchObject({
      rows: 15,
      rejected: 2,
      skipped: 1,
      filtered: 0,
      holes: 2n,
      tasks: 2,
    });
  });

  it('of more records than offsets are a fault, and no holes are told', () => {
    const counts = { rows: 9, rejected: 1, skipped: 1, filtered: 0 };
    const proof = prove([0, 20], [piece(0, 10, { counts }), piece(10, 20)]);
    expect(shown(proof)).toEqual([['surplus', 0, 10, ['0-10']]]);
    expect(proof.holes).toBeUndefined();
  });

  it('leave out what was finished after the end was read', () => {
    expect(prove([0, 10], [piece(0, 10), piece(10, 20)])).toMatchObject({ rows: 10, tasks: 1 });
  });
});

describe('a gap that expired tasks can have left', () => {
  const horizon: Horizon = { begunAt: 1_000, expiredBefore: 5_000, isCut: false };

  it('makes the proof begin behind it', () => {
    const proof = prove([0, 30], [piece(10, 20), piece(20, 30)], horizon);
    expect(proof).toMatchObject({ provenFrom: 10n, rows: 20, tasks: 2, holes: 0n, faults: [] });
  });

  it('can lie between tasks that should have expired too', () => {
    const pieces = [piece(0, 5), piece(10, 20, { finishedAt: 6_000 }), piece(20, 30)];
    expect(prove([0, 30], pieces, horizon)).toMatchObject({ provenFrom: 10n, faults: [] });
  });

  it('cannot lie behind a task that has not expired, nor in what began not long enough ago', () => {
    const pieces = [piece(0, 10, { finishedAt: 6_000 }), piece(15, 30, { finishedAt: 7_000 })];
    expect(shown(prove([0, 30], pieces, horizon))).toEqual([['gap', 10, 15, ['0-10', '15-30']]]);
    const young = { ...horizon, begunAt: 5_500 };
    expect(shown(prove([0, 30], [piece(10, 30)], young))).toEqual([['gap', 0, 10, ['10-30']]]);
  });

  it('leaves nothing proven when all tasks have expired', () => {
    expect(prove([0, 30], [], horizon)).toMatchObject({ provenFrom: 30n, tasks: 0, faults: [] });
  });

  it('is nobody’s fault when older tasks were not looked at, but an overlap is', () => {
    const cut = { ...NOTHING_EXPIRED, isCut: true };
    const proof = prove([0, 30], [piece(20, 30), piece(25, 30)], cut);
    expect(proof.provenFrom).toBe(20n);
    expect(shown(proof)).toEqual([['overlap', 25, 30, ['20-30', '25-30']]]);
  });
});
