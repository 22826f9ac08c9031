import fc from 'fast-check';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import {
  isBehind,
  type LedgerEntry,
  markProperty,
  markText,
  snapshotIdOf,
  standingOf,
} from '../../../../../functions/loader/sinks/iceberg/ledger.ts';
import { type MadeSnapshot, madeTable } from './made-tables.ts';

const TASK = ulid(1);
const property = markProperty('job', 3);
const mark = markText({ generation: 2, revision: 5, taskId: TASK });
const earlier = markText({ generation: 2, revision: 3, taskId: ulid(2) });
const later = markText({ generation: 2, revision: 7, taskId: ulid(0) });

const entry = (more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  tableUuid: 'uuid-1',
  property,
  mark,
  before: undefined,
  base: undefined,
  snapshotId: 77n,
  ...more,
});

const ours: MadeSnapshot = { id: 77n, parent: 1n };
const saysSo: MadeSnapshot = { id: 5n, parent: 1n, summary: { 'routine-load.task': mark } };
const sameLane = {
  id: 2n,
  parent: 1n,
  summary: { 'routine-load.task': later, 'routine-load.lane': property },
};
const foreign = [
  { id: 1n },
  { id: 2n, parent: 1n },
  { id: 3n, parent: 2n },
] satisfies MadeSnapshot[];
const withoutFirst = foreign.slice(1);

type Row = readonly [
  what: string,
  found: string | undefined,
  made: readonly MadeSnapshot[],
  entry: LedgerEntry,
  kind: string,
];

const ROWS: readonly Row[] = [
  ['its property', mark, foreign, entry(), 'committed'],
  ['its property, although the snapshot was expired', mark, [], entry(), 'committed'],
  ['a snapshot of its number', undefined, [{ id: 1n }, ours], entry(), 'committed'],
  ['a summary that names it', earlier, [{ id: 1n }, saysSo], entry({ base: 1n }), 'committed'],
  ['nothing, in an empty table', undefined, [], entry(), 'open'],
  ['what it found', earlier, foreign, entry({ before: earlier, base: 1n }), 'open'],
  ['no property, and nothing since', undefined, foreign, entry({ base: 3n }), 'open'],
  ['no property, and only others since', undefined, foreign, entry({ base: 1n }), 'open'],
  ['no property, and only others ever', undefined, foreign, entry(), 'open'],
  ['only others since the first went', undefined, withoutFirst, entry({ base: 1n }), 'open'],
  ['a history with a hole', undefined, withoutFirst, entry(), 'in-doubt'],
  ['another way back', undefined, foreign.slice(0, 1), entry({ base: 3n }), 'in-doubt'],
  ['a property that went', undefined, foreign, entry({ before: earlier, base: 3n }), 'open'],
  [
    'no property, but a task of its lane since',
    undefined,
    [{ id: 1n }, sameLane],
    entry({ base: 1n }),
    'in-doubt',
  ],
  [
    'no property, but a task of its lane before',
    undefined,
    [{ id: 1n }, sameLane, { id: 3n, parent: 2n }],
    entry({ before: later, base: 2n }),
    'open',
  ],
  ['a later task', later, foreign, entry({ base: 1n }), 'in-doubt'],
  ['a task that got between', earlier, foreign, entry({ base: 1n }), 'in-doubt'],
  ['a text of somebody else', 'mine', foreign, entry({ before: earlier, base: 3n }), 'in-doubt'],
];

describe('what a table says of a task', () => {
  it.each(ROWS)('that it has %s', (_, found, made, given, kind) => {
    const properties = found === undefined ? {} : { [property]: found };
    const table = madeTable({ made, properties });
    expect(standingOf(table, given, { hasAll: true }).kind).toBe(kind);
  });

  it.each(ROWS)(
    'that it has %s is the same, or asked again, by the newest snapshot only',
    (_, found, made, given, kind) => {
      const properties = found === undefined ? {} : { [property]: found };
      const table = madeTable({ made: made.slice(-1), properties });
      const seen = standingOf(table, given, { hasAll: false }).kind;
      expect(['ask-again', kind]).toContain(seen);
    },
  );

  it('is nothing for a table of the same name', () => {
    const table = madeTable({ 'table-uuid': 'uuid-2', properties: { [property]: mark } });
    expect(standingOf(table, entry(), { hasAll: true })).toEqual({
      kind: 'in-doubt',
      message: 'the table was replaced by uuid-2; the task wrote for uuid-1',
    });
  });

  it('names property, mark and what it found instead where it is in doubt', () => {
    const table = madeTable({ properties: { [property]: later } });
    const standing = standingOf(table, entry({ before: earlier }), { hasAll: true });
    const message = `property ${property} must be ${earlier} before ${mark} is committed, got ${later}`;
    expect(standing).toEqual({ kind: 'in-doubt', message });
  });
});

describe('a task', () => {
  const numbers = fc.tuple(fc.nat(9), fc.nat(9));

  it('is behind another of its lane by generation, then revision, whatever their ids', () => {
    fc.assert(
      fc.property(numbers, numbers, ([g1, r1], [g2, r2]) => {
        const own = { generation: g1, revision: r1, taskId: ulid() };
        const found = markText({ generation: g2, revision: r2, taskId: ulid() });
        expect(isBehind(own, found)).toBe(g2 < g1 || (g2 === g1 && r2 < r1));
      }),
    );
  });

  it('is behind nothing, and not behind what nobody can read', () => {
    const own = { generation: 1, revision: 1, taskId: TASK };
    expect([isBehind(own, undefined), isBehind(own, 'yesterday')]).toEqual([true, false]);
  });

  it('has one snapshot of its own: positive, and of 63 bits', () => {
    const ids = new Set<bigint>();
    for (let i = 0; i < 200; i += 1) {
      const id = snapshotIdOf('job', ulid());
      expect(id > 0n && id < 1n << 63n).toBe(true);
      ids.add(id);
    }
    expect(ids.size).toBe(200);
    expect(snapshotIdOf('job', TASK)).toBe(snapshotIdOf('job', TASK));
    expect(snapshotIdOf('other', TASK)).not.toBe(snapshotIdOf('job', TASK));
  });
});
