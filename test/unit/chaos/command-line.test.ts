import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, FAULTS, HELP, parseChaosCommand } from '../../chaos/command-line.ts';

const parse = (...argv: string[]) => parseChaosCommand(argv, 42);

describe('npm run chaos', () => {
  it('takes how often each fault is to be done, and the seed of their order', () => {
    const options = FAULT_KINDS.flatMap((kind, i) => [`--${FAULTS[kind].option}`, String(i)]);
    expect(parse(...options, '--seed', '7', '--rows', '10', '--minutes', '3', '--keep')).toEqual({
      help: false,
      seed: 7,
      rows: 10,
      counts: Object.fromEntries(FAULT_KINDS.map((kind, i) => [kind, i])),
      destinations: ['file'],
      minutes: 3,
      keep: true,
    });
  });

  it('takes another seed each time unless one is given', () => {
    expect(parse().seed).toBe(42);
  });

  it('does a few faults of every kind in its short form, and more of all where more loaders are killed', () => {
    const counts = (...argv: string[]) => {
      const found = parse('--destination', 's3', ...argv).counts;
      return FAULT_KINDS.map((kind) => found[kind]);
    };
    expect(Math.min(...counts('--short'))).toBeGreaterThan(0);
    const fewer = counts('--kills', '30');
    expect(counts('--kills', '300').every((count, i) => count > fewer[i]!)).toBe(true);
  });

  it('kills 200 loaders, restarts 20 brokers and produces ten million rows unless told otherwise', () => {
    const { counts, rows, minutes } = parse();
    expect([counts['kill-loader'], counts['restart-broker'], rows, minutes]).toEqual([
      200, 20, 10_000_000, 25,
    ]);
  });

  it('loads into the destinations that are named, and has nothing to do to files', () => {
    expect(parse('--destination', 's3,doris,starrocks').destinations).toEqual([
      's3',
      'doris',
      'starrocks',
    ]);
    expect(parse('--short').counts['destination-fault']).toBe(0);
  });

  it.each(['gcs', 's3,s3', '', 's3,'])('refuses %j as destinations', (value) => {
    expect(() => parse(`--destination=${value}`)).toThrow(
      `--destination must be of file, s3, doris, starrocks, each once, with commas, got ${value}`,
    );
  });

  it.each(['-1', '1.5', 'many', '1e12'])('refuses %s as a number', (value) => {
    expect(() => parse(`--rows=${value}`)).toThrow(
      `--rows must be a whole number from 0 to 1000000000, got ${value}`,
    );
  });

  it('refuses what it does not know, and says where to look', () => {
    expect(() => parse('--kill', '3')).toThrow(/'--kill'.*; see npm run chaos -- --help$/);
  });

  it('explains every option on one screen', () => {
    for (const kind of FAULT_KINDS) expect(HELP).toContain(`--${FAULTS[kind].option} N`);
    expect(HELP.split('\n').length).toBeLessThanOrEqual(24);
  });
});
