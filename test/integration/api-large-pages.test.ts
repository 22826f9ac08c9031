import { expect, test } from 'vitest';
import { historyWrite } from '../../functions/shared/store/jobs.ts';
import { jobForEachTest } from '../support/job-for-each-test.ts';
import { newId } from '../support/store-examples.ts';

const { clock, tables, call, job } = await jobForEachTest();

/** What Lambda takes of an answer. A larger one reaches the caller as an error of the gateway, and always will. */
const MOST_BYTES = 6_291_556;

test('a history of large specifications comes in pages that can be answered, and that hold all of it', async () => {
  const at = clock.now();
  const reason = { code: 'ALTERED_BY_USER', message: 'altered by the user: comment', at } as const;
  const spec = { columns: 'x'.repeat(250_000) };
  const ids = Array.from({ length: 30 }, () => newId());
  for (const id of ids) {
    await tables.write(historyWrite(job.id, { id, at, kind: 'spec', reason, detail: { spec } }));
  }

  const seen: string[] = [];
  let next: string | undefined = '';
  while (next !== undefined) {
    const page = await call(`GET /jobs/${job.id}/history?limit=100${next}`);
    expect(Buffer.byteLength(page.text)).toBeLessThan(MOST_BYTES);
    seen.push(...page.body.entries.map(({ id }: { id: string }) => id));
    next = page.body.cursor && `&cursor=${page.body.cursor}`;
  }

  expect(seen.filter((id) => ids.includes(id))).toEqual(ids.toReversed());
  expect(seen).toHaveLength(ids.length + 1);
});
