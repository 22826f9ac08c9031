import type { PreviewAnswer } from './answers.ts';
import { grouped, oneLine } from './figures.ts';
import { cut, facts, table } from './table.ts';

type PreviewedRecord = NonNullable<PreviewAnswer['records']>[number];

/** What a preview found: each record with its rows or why it has none, and the columns. */
export function previewLines(preview: PreviewAnswer, width: number): string[] {
  const { failure, records = [], columns = [], columnsLeftOut = 0, counts, mappedBy } = preview;
  const names = columns.map(({ name, type }) => (type === undefined ? name : `${name} ${type}`));
  const more = columnsLeftOut === 0 ? [] : [`and ${grouped(columnsLeftOut)} more`];
  return [
    ...recordLines(records, width),
    ...facts(
      [
        ['columns', names.length === 0 ? undefined : oneLine([...names, ...more].join(', '))],
        ['counts', counts && countText(counts)],
        [
          'mapped by',
          mappedBy === 'warehouse' ? 'the warehouse: this is what it would be sent' : undefined,
        ],
        ['failed', failure && `${oneLine(failure.code)}: ${oneLine(failure.message)}`],
      ],
      width,
    ),
  ];
}

function recordLines(records: readonly PreviewedRecord[], width: number): string[] {
  if (records.length === 0) return ['no records'];
  return table(
    [
      { title: 'partition', right: true },
      { title: 'offset', right: true },
      { title: 'becomes' },
      { title: '', wraps: true },
    ],
    records.flatMap((record) =>
      fateOf(record).map(([fate, text], i) => [
        i === 0 ? String(record.partition) : '',
        i === 0 ? grouped(record.offset) : '',
        fate,
        oneLine(text),
      ]),
    ),
    width,
  );
}

const VALUE = 200;

/** A line or more for what became of a record, with its value where that is not in its rows. */
function fateOf(record: PreviewedRecord): (readonly [fate: string, text: string])[] {
  const { rows, rowsLeftOut = 0, rejected, filtered, skipped, value, valueBase64 } = record;
  const its = cut(value ?? valueBase64 ?? 'null', VALUE);
  if (rejected !== undefined) {
    const column = rejected.column === undefined ? '' : `column ${rejected.column}: `;
    return [
      ['bad', `${column}${rejected.reason}`],
      ['', its],
    ];
  }
  if (filtered === true) return [['filtered', its]];
  if (skipped !== undefined) return [['skipped', skipped]];
  if (rows === undefined) return [['?', its]];
  const shown = rows.map(
    (row, i) =>
      [i === 0 ? 'row' : '', typeof row === 'string' ? row : JSON.stringify(row)] as const,
  );
  return rowsLeftOut === 0 && shown.length > 0
    ? shown
    : [...shown, ['', `and ${grouped(rowsLeftOut)} rows more`]];
}

function countText(counts: NonNullable<PreviewAnswer['counts']>): string {
  const { records, rows, elements, filtered, rejected, skipped } = counts;
  const made = elements === rows ? '' : ` (${elements} rows)`;
  return `${records} records = ${rows} loaded${made} + ${filtered} filtered + ${rejected} bad + ${skipped} skipped`;
}
