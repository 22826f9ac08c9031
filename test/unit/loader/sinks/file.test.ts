import { link, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFileSink } from '../../../../functions/loader/sinks/file.ts';
import { labelOf, tableFolder } from './table-folder.ts';

describe('an attempt', () => {
  it('is invisible until it is committed, and then whole', async () => {
    const { sink, staging, visible, final } = await tableFolder();
    const writer = await sink().open(labelOf(1));
    await writer.write(Buffer.from('a\n'));
    await writer.write(Buffer.from('b\n'));
    const handle = await writer.prepare();
    expect(await visible()).toEqual([]);
    expect(await readdir(staging)).toEqual([`${labelOf(1)}.ndjson`]);

    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
    expect(await visible()).toEqual(['flights-T1.ndjson']);
    expect(await readFile(final, 'utf8')).toBe('a\nb\n');
    expect(await readdir(staging)).toEqual([]);
  });

  it('has a handle that survives a store', async () => {
    const { sink, prepared } = await tableFolder();
    const handle = JSON.parse(JSON.stringify(await prepared('a\n')));
    expect(handle).toMatchObject({ bytes: 2, crc32: expect.any(Number) });
    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
  });

  it('begins anew over what an earlier use of its label left', async () => {
    const { sink, final, prepared } = await tableFolder();
    await prepared('older and longer\n');
    expect(await sink().commit(await prepared('new\n'))).toEqual({ kind: 'committed' });
    expect(await readFile(final, 'utf8')).toBe('new\n');
  });

  it('that is begun anew never cuts a file that is visible already', async () => {
    const { sink, prepared, staging, final } = await tableFolder();
    const handle = await prepared('a\n');
    await sink().commit(handle);
    await link(final, join(staging, `${labelOf(1)}.ndjson`));
    await sink()
      .open(labelOf(1))
      .then((writer) => writer.discard());
    expect(await readFile(final, 'utf8')).toBe('a\n');
  });

  it('that is discarded or aborted leaves nothing, as often as it is asked for', async () => {
    const { sink, staging, prepared } = await tableFolder();
    const writer = await sink().open(labelOf(1));
    await writer.write(Buffer.from('a\n'));
    await writer.discard();
    await writer.discard();
    expect(await readdir(staging)).toEqual([]);
    await prepared('a\n', 2);
    await sink().abort(labelOf(2));
    await sink().abort(labelOf(2));
    expect(await readdir(staging)).toEqual([]);
  });

  it('of no table yet is aborted and swept without a fault', async () => {
    const { sink, root } = await tableFolder();
    await sink().abort(labelOf(1));
    expect(await sink().sweep!('J1', async () => true)).toBe(0);
    expect(await readdir(root)).toEqual([]);
  });

  it('has a final name that readers see, whatever the job’s name', async () => {
    const { root, visible } = await tableFolder();
    const sink = makeFileSink({
      roots: [root],
      destination: { table: 'flights', format: 'ndjson' },
      fileName: () => '_hidden-T1.ndjson',
    });
    const writer = await sink.open(labelOf(1));
    await sink.commit(await writer.prepare());
    expect(await visible()).toEqual(['job_hidden-T1.ndjson']);
  });

  it('is refused under a name that leads out of the table', async () => {
    const { sink } = await tableFolder();
    await expect(sink().open('../rl_J1_T1_1')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('a sweep (F20)', () => {
  it('removes what is abandoned of its own job, and nothing else', async () => {
    const { sink, staging, prepared, visible } = await tableFolder();
    await sink().commit(await prepared('a\n', 1));
    for (const attempt of [2, 3]) await prepared('b\n', attempt);
    await sink()
      .open(labelOf(1, 'J2'))
      .then((writer) => writer.prepare());
    await writeFile(join(staging, 'notes.txt'), '');
    const asked: string[] = [];

    const removed = await sink().sweep!('J1', async ({ label }) => {
      asked.push(label);
      return label === labelOf(2);
    });

    expect([removed, asked.sort()]).toEqual([1, [labelOf(2), labelOf(3)]]);
    expect((await readdir(staging)).sort()).toEqual(
      ['notes.txt', `${labelOf(3)}.ndjson`, `${labelOf(1, 'J2')}.ndjson`].sort(),
    );
    expect(await visible()).toEqual(['flights-T1.ndjson']);
  });
});
