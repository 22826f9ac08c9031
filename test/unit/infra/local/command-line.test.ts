import { describe, expect, it } from 'vitest';
import { HELP, parseCommandLine } from '../../../../infra/local/command-line.ts';

describe('the command line of npm start', () => {
  it('asks for everything, kept and going on, when it is empty', () => {
    expect(parseCommandLine([])).toEqual({
      help: false,
      once: false,
      fresh: false,
      rows: 3_000_000,
    });
  });

  it('takes its flags in any order', () => {
    expect(parseCommandLine(['--fresh', '--rows', '1000', '--once'])).toMatchObject({
      once: true,
      fresh: true,
      rows: 1_000,
    });
  });

  it.each([
    [['--frseh'], "Unknown option '--frseh'; see npm start -- --help"],
    [['once'], "Unexpected argument 'once'; see npm start -- --help"],
    [['--once=yes'], 'see npm start -- --help'],
    [['--rows'], 'see npm start -- --help'],
    [['--rows', '0'], '--rows must be a whole number from 1 to 3000000, got "0"'],
    [['--rows', '3000001'], '--rows must be a whole number from 1 to 3000000, got "3000001"'],
    [['--rows', 'all'], '--rows must be a whole number from 1 to 3000000, got "all"'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(message);
  });

  it('has a help that fits a screen of 24 lines of 100 columns', () => {
    const lines = HELP.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
