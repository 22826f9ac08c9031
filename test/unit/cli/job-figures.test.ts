import { describe, expect, it } from 'vitest';
import { bar, partitionLines } from '../../../cli/partition-lines.ts';
import { sparkline } from '../../../cli/sparkline.ts';
import { speedText } from '../../../cli/speed.ts';
import { styledState, takesColours } from '../../../cli/style.ts';
import { typedCommand } from '../../../cli/typed.ts';

describe('lag', () => {
  it.each([
    [0n, 100n, ''],
    [1n, 1_000_000n, '▏'],
    [50n, 100n, '█'.repeat(10)],
    [2n ** 62n, 2n ** 62n, '█'.repeat(20)],
  ])('%d beside %d is a bar, and what is more than nothing shows', (lag, greatest, text) => {
    expect(bar(lag, greatest)).toBe(text);
  });

  it('over time is a row of bars', () => {
    expect(sparkline([0n, 1n, 50n, 100n])).toBe('▁▂▅█');
    expect(sparkline([0n, 0n])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });

  it('of many partitions is shown where it is greatest, in their order', () => {
    const partitions = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [i, { next: '0', end: String(i), lag: String(i) }]),
    );
    const lines = partitionLines(partitions, 100);
    expect(lines).toHaveLength(66);
    expect(lines.slice(1, -1).map((line) => Number(/^ *(\d+)/.exec(line)?.[1]))).toEqual(
      Array.from({ length: 64 }, (_, i) => i + 36),
    );
    expect(lines.at(-1)).toBe('and 36 partitions more, which lag no more');
  });

  it('is a question mark where the end of the log was not seen yet', () => {
    expect(partitionLines({ 0: { next: '7' } }, 100)[1]).toMatch(/^ +0 +7 +\? +\?$/);
    expect(partitionLines({}, 100)).toEqual([]);
  });
});

it('speed is of what finished, from the planning of the first to the end of the last', () => {
  const task = (from: string, to: string | undefined, rows: number) => ({
    ...{
      id: 'T',
      lane: 0,
      status: 'DONE',
      attempt: 1,
      offsets: '1',
      createdAt: `2026-03-01T12:00:${from}Z`,
    },
    ...(to !== undefined && { finishedAt: `2026-03-01T12:00:${to}Z` }),
    statistics: { rows, rejected: 0, bytes: rows * 100 },
  });
  expect(
    speedText([task('05', '10', 40_000), task('00', '05', 60_000), task('10', undefined, 9)]),
  ).toBe('10,000 rows/s, 1.0 MB/s over the last 2 tasks, 10 s');
  expect(speedText([])).toBeUndefined();
});

describe('colours', () => {
  it('are for terminals whose users did not forbid them', () => {
    expect(takesColours({ isTTY: true }, {})).toBe(true);
    expect(takesColours({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(takesColours({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(takesColours({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(takesColours({}, {})).toBe(false);
  });

  it('are for the state alone, not for a name that has it in it', () => {
    const line = 'PAUSED-jobs  PAUSED  now';
    expect(styledState(line, 'PAUSED', { coloured: true })).toBe(
      'PAUSED-jobs  \x1b[33mPAUSED\x1b[39m  now',
    );
    expect(styledState(line, 'PAUSED', { coloured: false })).toBe(line);
    expect(styledState(line, 'A_NEW_STATE', { coloured: true })).toBe(line);
  });
});

it('a command is typed so that a shell takes its words as they are', () => {
  expect(typedCommand(['ls', '--name', "it's a", '--cursor', 'eyJ_-='])).toBe(
    `npm run -s jobs -- ls --name 'it'\\''s a' --cursor eyJ_-=`,
  );
});
