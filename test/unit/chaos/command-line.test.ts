import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, FAULTS, HELP, parseChaosCommand } from '../../chaos/command-line.ts';

const parse = (...argv: string[]) => parseChaosCommand(argv, 42);

describe('npm run chaos', () => {
  it('takes how often each fault is to be done, and the seed of their order', () => {
    const options = FAULT_KINDS.flatMap((kind, i) => [`--${FAULTS[kind].option}`, String(i)]);
    expect(parse(...options, '--seed', '7', '--rows', '10', '--keep')).toEqual({
      help: false,
      seed: 7,
      rows: 10,
      counts: Object.fromEntries(FAULT_KINDS.map((kind, i) => [kind, i])),
      keep: true,
    });
  });

  it('takes another seed each time unless one is given', () => {
    expect(parse().seed).toBe(42);
  });

  it('does a few faults of every kind in its short form, and more of all where more loaders are killed', () => {
    const counts = (...argv: string[]) => FAULT_KINDS.map((kind) => parse(...argv).counts[kind]);
    expect(Math.min(...counts('--short'))).toBeGreaterThan(0);
    const usual = counts();
    expect(counts('--kills', '200').every((count, i) => count > usual[i]!)).toBe(true);
    expect(parse('--kills', '200', '--broker-restarts', '20').counts['restart-broker']).toBe(20);
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
