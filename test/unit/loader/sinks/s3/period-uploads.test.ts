import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_PERIODS, NO_PERIOD } from '../../../../../functions/loader/sinks/period.ts';
import {
  periodHandle,
  uploadsIn,
} from '../../../../../functions/loader/sinks/s3/period-uploads.ts';

const shared = { bucket: 'lake', keyTemplate: 't/dt={record_date}/x.csv', token: 'token-1' };
const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString().slice(0, 10);

describe('the handle of several uploads', () => {
  it('leads to each of them, in their order', () => {
    const text = fc.stringMatching(/^[A-Za-z0-9._"-]{1,40}$/);
    const upload = fc.record({
      uploadId: text,
      bytes: fc.nat(),
      etags: fc.array(text, { minLength: 1, maxLength: 4 }).map((etags) => etags.join(' ')),
    });
    fc.assert(
      fc.property(fc.array(upload, { minLength: 1, maxLength: 9 }), (given) => {
        const uploads = given.map((one, n) => {
          const period = n === 8 ? NO_PERIOD : day(n);
          const { bucket, token } = shared;
          return [period, { ...one, bucket, token, key: `t/dt=${period}/x.csv` }] as const;
        });
        const handle = JSON.parse(JSON.stringify(periodHandle(shared, uploads)));
        expect(uploadsIn(handle)).toEqual(uploads.map(([, one]) => one));
      }),
    );
  });

  it('of as many as a slice may have leaves most of a record of 400 KB to others', () => {
    const uploads = Array.from({ length: MOST_PERIODS }, (_, n) => {
      const own = { uploadId: 'u'.repeat(160), bytes: 8_388_608, etags: `"${'e'.repeat(32)}"` };
      return [`${day(n)}T05`, { ...own, bucket: 'lake', token: 'token-1', key: 'any' }] as const;
    });
    expect(JSON.stringify(periodHandle(shared, uploads)).length).toBeLessThan(130_000);
  });

  it.each(['', '2026-01-01', '2026-01-01 id', '2026-01-01 id x "e"', '../x id 1 "e"', '\n'])(
    'is not read where it says %j',
    (uploads) => {
      expect(uploadsIn({ ...shared, uploads })).toBeUndefined();
    },
  );
});
