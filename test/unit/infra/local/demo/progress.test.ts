import { describe, expect, it } from 'vitest';
import { plainTable } from '../../../../../infra/local/demo/figures.ts';
import { progressLine } from '../../../../../infra/local/demo/progress-line.ts';
import { Rate } from '../../../../../infra/local/demo/rate.ts';
import { Screen } from '../../../../../infra/local/demo/screen.ts';
import { ManualClock } from '../manual-clock.ts';

describe('a progress line', () => {
  const job = {
    name: 'flights',
    total: 2_400,
    produced: 1_200,
    loaded: 600,
    rowsPerSecond: 1_234.5,
    bytesPerSecond: 2_500_000,
  };

  it('shows what is loaded, what waits in the topic, and how fast it goes', () => {
    expect(progressLine(job)).toBe(
      'flights      ██████▒▒▒▒▒▒░░░░░░░░░░░░           600 of 2,400  lag 600       1,235 rows/s  2.5 MB/s',
    );
  });

  it('shows why a job does not run', () => {
    expect(progressLine({ ...job, trouble: 'PAUSED: no broker' })).toMatch(/PAUSED: no broker$/);
  });

  it('says when it is done, and stays within its bar when the topic has more than was asked for', () => {
    const line = progressLine({ ...job, produced: 9_999, loaded: 9_999 });
    expect(line).toContain(` ${'█'.repeat(24)} `);
    expect(line).toMatch(/lag 0 +done$/);
  });

  it('is cut to the width of the terminal, so that it stays one line', () => {
    expect(progressLine(job, 40)).toHaveLength(40);
    expect(progressLine(job, 40)).toMatch(/…$/);
  });
});

describe('the rate', () => {
  it('is that of the last seconds, not of the whole run', () => {
    const rate = new Rate();
    rate.add({ at: 0, rows: 0, bytes: 0 });
    expect(rate.perSecond()).toEqual({ rows: 0, bytes: 0 });
    rate.add({ at: 2_000, rows: 200, bytes: 2_000 });
    expect(rate.perSecond()).toEqual({ rows: 100, bytes: 1_000 });
    for (let at = 100_000; at <= 110_000; at += 1_000) rate.add({ at, rows: at, bytes: 5 * at });
    expect(rate.perSecond()).toEqual({ rows: 1_000, bytes: 5_000 });
  });
});

describe('a plain table', () => {
  it('has names to the left and figures to the right', () => {
    expect(
      plainTable([
        ['table', 'rows'],
        ['flights', '3,000,000'],
        ['cars', '4'],
      ]),
    ).toEqual(['table         rows', 'flights  3,000,000', 'cars             4']);
  });
});

describe('the screen', () => {
  const screenOn = (isTTY: boolean) => {
    const written: string[] = [];
    const clock = new ManualClock();
    const write = (text: string) => written.push(text);
    return { screen: new Screen({ isTTY, columns: 80, write }, clock), written, clock };
  };

  it('paints the block over on a terminal, below the lines that stay', () => {
    const { screen, written } = screenOn(true);
    screen.show(['a 1', 'b 1']);
    screen.say('stays');
    screen.show(['a 2', 'b 2']);
    screen.settle(['a 3']);
    expect(written.join('')).toBe(
      'a 1\nb 1\n\x1b[2A\x1b[0Jstays\na 1\nb 1\n\x1b[2A\x1b[0Ja 2\nb 2\n\x1b[2A\x1b[0Ja 3\n',
    );
  });

  it('writes plain lines elsewhere, every five seconds and without any code of a terminal', async () => {
    const { screen, written, clock } = screenOn(false);
    for (let second = 0; second < 11; second += 1) {
      screen.show([`second ${second}`]);
      await clock.advance(1_000);
    }
    screen.settle(['done']);
    expect(written.join('')).toBe('second 0\nsecond 5\nsecond 10\ndone\n');
  });
});
