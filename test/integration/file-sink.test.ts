import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeLazyWriter } from '../../functions/loader/rows/lazy-writer.ts';
import { makeRowWriter } from '../../functions/loader/rows/row-writer.ts';
import { makeFileSink } from '../../functions/loader/sinks/file.ts';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { query } from '../support/query.ts';
import { type GivenRecord, recordOf } from '../unit/loader/rows/record-of.ts';
import { specOf } from '../unit/loader/rows/rows-of.ts';
import { labelOf, tableFolder } from '../unit/loader/sinks/table-folder.ts';

type File = Partial<JobSpecInput['destination']['file']>;

/** Loads the records into the table as one task of the job does. */
async function load(
  root: string,
  { file, ...given }: Omit<Parameters<typeof specOf>[0], 'file'> & { file?: File },
  records: readonly (GivenRecord | string)[],
) {
  const spec = specOf({ ...given, file: { ...file, table: 'flights' } });
  const destination = spec.destination.file!;
  const sink = makeFileSink({
    roots: [root],
    destination,
    fileName: () => `flights-T1.${destination.format}`,
  });
  await sink.abort(labelOf(1));
  const writer = makeLazyWriter(() => sink.open(labelOf(2)));
  const rows = makeRowWriter({
    spec,
    topic: 'flights',
    writer,
    limits: { maxRows: 1e9, maxBytes: 1e9 },
    chunkBytes: 4_096,
  });
  for (const record of records) {
    rows.accept(recordOf(record));
    await rows.drain();
  }
  const statistics = await rows.finish();
  const handle = await writer.prepare();
  return { statistics, outcome: handle && (await sink.commit(handle)) };
}

describe('a table of files, read by an independent reader', () => {
  it('has every JSON record once, as it was', async () => {
    const { root, table } = await tableFolder();
    const records = Array.from({ length: 5_000 }, (_, i) => ({
      value: JSON.stringify(
        { id: i, text: `line one\nline two "${i}" é 😀`, nested: { list: [i, null, true] } },
        null,
        i % 3,
      ),
      offset: BigInt(i),
    }));
    const { statistics } = await load(root, { file: { metadata: ['_offset'] } }, records);

    expect((await stat(join(table, 'flights-T1.ndjson'))).size).toBe(statistics.writtenBytes);
    const rows = await query(
      `select id, text, to_json(nested)::varchar, _offset
       from read_json('${table}/*.ndjson', format = 'newline_delimited') order by id`,
    );
    expect(rows).toEqual(
      records.map((_, i) => [
        String(i),
        `line one\nline two "${i}" é 😀`,
        `{"list":[${i},null,true]}`,
        String(i),
      ]),
    );
  });

  it('has CSV fields with separators, quotes and line breaks, empty ones and missing ones', async () => {
    const { root, table } = await tableFolder();
    const values = ['a,b', 'say "hi"', 'two\nlines', 'cr\r\nlf', ' spaced ', '\\', 'é😀', "it's"];
    const records = values.map((text, i) => ({
      value: JSON.stringify({ n: i, text, big: 0 }).replace('"big":0', '"big":9007199254740993'),
      key: text,
      offset: BigInt(i),
    }));
    const file = { format: 'csv', metadata: ['_key', '_offset'] } satisfies File;
    await load(root, { columns: 'n, text, gone, big', file }, records);

    const rows = await query(
      `select * from read_csv('${table}/*.csv', header = true, all_varchar = true,
         delim = ',', quote = '"', escape = '"', auto_detect = false, parallel = false,
         columns = {n: 'varchar', text: 'varchar', gone: 'varchar', big: 'varchar',
                    _key: 'varchar', _offset: 'varchar'})`,
    );
    expect(rows).toEqual(
      values.map((text, i) => [String(i), text, null, '9007199254740993', text, String(i)]),
    );
  });

  it('gets no file for a slice without rows', async () => {
    const { root } = await tableFolder();
    const { statistics, outcome } = await load(root, {}, [{ value: null }, 'no json']);
    expect(outcome).toBeUndefined();
    expect(statistics.counts.get(0)).toEqual({ rows: 0, rejected: 1, skipped: 1, filtered: 0 });
    expect(await readdir(root)).toEqual([]);
  });
});

describe('F1: a loader that is killed while it writes', () => {
  it('leaves nothing that readers see, and the next attempt loads the slice once', async () => {
    const { root, table, staging, visible } = await tableFolder();
    const sinkModule = new URL('../../functions/loader/sinks/file.ts', import.meta.url);
    const script = `
      const { makeFileSink } = await import(${JSON.stringify(sinkModule.href)});
      const sink = makeFileSink({
        roots: [${JSON.stringify(root)}],
        destination: { table: 'flights', format: 'ndjson' },
        fileName: () => 'flights-T1.ndjson',
      });
      const writer = await sink.open(${JSON.stringify(labelOf(1))});
      for (;;) {
        await writer.write(Buffer.from('{"id":"half a chu'));
        process.stdout.write('.');
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await readdir(staging)).toEqual([`${labelOf(1)}.ndjson`]);
    expect(await visible()).toEqual([]);

    await load(root, {}, ['{"id":1}', '{"id":2}']);

    expect(await readdir(staging)).toEqual([]);
    expect(await query(`select id from read_json('${table}/*.ndjson') order by id`)).toEqual([
      ['1'],
      ['2'],
    ]);
  });
});
