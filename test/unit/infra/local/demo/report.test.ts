import { describe, expect, it } from 'vitest';
import { jobSpec } from '#shared/domain/job-spec.ts';
import {
  hintLines,
  summaryLines,
  verificationLines,
} from '../../../../../infra/local/demo/report.ts';
import type { TableReport } from '../../../../../infra/local/demo/verify.ts';

const exact: TableReport = {
  name: 'flights',
  files: 3,
  fileBytes: 2_000_000,
  records: 1_000,
  rows: 1_000,
  filtered: 0,
  counted: { filtered: 0, rejected: 0 },
  missing: 0,
  doubled: 0,
  different: 0,
  examples: [],
};

describe('the report of the verification', () => {
  it('is a plain table and a sentence when all is exact', () => {
    expect(verificationLines([exact])).toEqual([
      'table    records  files   rows  filtered  rejected  missing  doubled  different',
      'flights    1,000      3  1,000         0         0        0        0          0',
      'verified: every record of every topic is in its table exactly once, or left out by its filter, contents equal',
    ]);
  });

  it('shows the faults in words when it is not', () => {
    const faulty = { ...exact, rows: 999, missing: 1, examples: ['partition 0 offset 7: gone'] };
    const lines = verificationLines([exact, faulty]);
    expect(lines).toContain('  flights: partition 0 offset 7: gone');
    expect(lines.at(-1)).toMatch(/^NOT EXACT/);
  });

  it('sums up the speed of the largest load, or says that nothing was left to load', () => {
    const small = { name: 'a', rows: 5, bytes: 50, tookMs: 9_000, whileProducing: true };
    const large = { name: 'b', rows: 5_000, bytes: 4e6, tookMs: 2_000, whileProducing: false };
    expect(summaryLines([small, large], [exact], '/t')).toEqual([
      'loaded 5,000 rows of b, 4.0 MB in 2.0 s: 2,500 rows/s, 2.0 MB/s',
      'and 5 rows of the other tables',
      'files: /t (2.0 MB)',
    ]);
    expect(summaryLines([small], [exact], '/t')[0]).toMatch(
      /\(while its topic was still being filled\)$/,
    );
    expect(summaryLines([{ ...small, rows: 0 }], [exact], '/t')[0]).toBe(
      'nothing was left to load in this run',
    );
  });
});

describe('the hint at the end', () => {
  it('is a command whose specification the API accepts', () => {
    const [, , create = ''] = hintLines('http://127.0.0.1:8321', ['127.0.0.1:9092'], 'movies');
    const body = /^ {2}echo '(?<body>.*)' \| npm run -s jobs -- create -$/.exec(create)?.groups
      ?.body;
    expect(jobSpec.safeParse(JSON.parse(body ?? ''))).toMatchObject({ success: true });
  });

  it('names the API where the command would not find it by itself', () => {
    const lines = hintLines('http://127.0.0.1:40000', ['127.0.0.1:9092'], 'movies');
    expect(lines.slice(2, 4)).toEqual([
      expect.stringMatching(/ --url http:\/\/127\.0\.0\.1:40000$/),
      '  npm run -s jobs -- watch mine --url http://127.0.0.1:40000',
    ]);
  });
});
