import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, machineDisk } from '../../../../functions/loader/sinks/file/disk.ts';
import { makeFileSink } from '../../../../functions/loader/sinks/file.ts';
import { failingDisk, labelOf, tableFolder } from './table-folder.ts';

const NONE = '__HIVE_DEFAULT_PARTITION__';
const ROWS: Record<string, string> = {
  '2026-01-01': 'a\nb\n',
  '2026-02-01': 'c\n',
  [NONE]: 'd\n',
};
const FINALS = [
  'year=2026/month=01/day=01/flights-T1.ndjson',
  'year=2026/month=02/day=01/flights-T1.ndjson',
  `year=${NONE}/month=${NONE}/day=${NONE}/flights-T1.ndjson`,
];

/** A table's folder, whose rows are apart by days. */
async function periodFolder() {
  const { root, table, staging } = await tableFolder();
  const sink = (disk: Disk = machineDisk) =>
    makeFileSink({
      roots: [root],
      destination: {
        table: 'flights',
        format: 'ndjson',
        partitionBy: { column: 'at', unit: 'day' },
      },
      fileName: () => 'flights-T1.ndjson',
      disk,
    });
  return {
    table,
    staging,
    sink,
    async prepared(attempt = 1, letters?: string) {
      const writer = await sink().open(labelOf(attempt));
      for (const [period, text] of Object.entries(ROWS)) {
        await writer.write(Buffer.from(text), period);
      }
      if (letters) await writer.keep?.(Buffer.from(letters));
      return JSON.parse(JSON.stringify(await writer.prepare()));
    },
    /** What readers see, by its path in the table. */
    async visible(): Promise<Record<string, string>> {
      const entries = await readdir(table, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(table.length + 1))
        .filter((path) => !path.startsWith('_'))
        .sort();
      const texts = await Promise.all(paths.map((path) => readFile(join(table, path), 'utf8')));
      return Object.fromEntries(paths.map((path, i) => [path, texts[i] ?? '']));
    },
  };
}

const ALL = Object.fromEntries(FINALS.map((path, i) => [path, Object.values(ROWS)[i]]));

describe('the files of one attempt', () => {
  it('are invisible until they are committed, and then lie in the directories of their periods', async () => {
    const { sink, prepared, visible, staging } = await periodFolder();
    const handle = await prepared();
    expect(await visible()).toEqual({});
    expect((await readdir(staging)).sort()).toEqual([
      `${labelOf(1)}.2026-01-01.ndjson`,
      `${labelOf(1)}.2026-02-01.ndjson`,
      `${labelOf(1)}.${NONE}.ndjson`,
    ]);
    expect(await sink().commit(handle)).toEqual({ kind: 'committed' });
    expect(await visible()).toEqual(ALL);
    expect(await readdir(staging)).toEqual([]);
    expect(await sink().commit(handle)).toEqual({ kind: 'already-committed' });
  });

  it('are aborted by their label alone, dead letters with them', async () => {
    const { sink, prepared, staging } = await periodFolder();
    await prepared(1, 'bad\n');
    await prepared(12);
    await sink().abort(labelOf(1));
    expect((await readdir(staging)).every((name) => name.startsWith(labelOf(12)))).toBe(true);
    expect(await readdir(staging)).toHaveLength(3);
  });

  it('are swept when nobody can need them, and asked for once', async () => {
    const { sink, prepared, visible } = await periodFolder();
    await prepared(1);
    const decided = await prepared(2);
    const asked: string[] = [];
    const removed = await sink().sweep!('J1', async ({ label }) => {
      asked.push(label);
      return label === labelOf(1);
    });
    expect(removed).toBe(3);
    expect(asked.sort()).toEqual([labelOf(1), labelOf(2)]);
    await sink().commit(decided);
    expect(await visible()).toEqual(ALL);
  });

  it('are gone when an attempt is discarded in their midst', async () => {
    const { sink, staging } = await periodFolder();
    const writer = await sink().open(labelOf(1));
    for (const period of Object.keys(ROWS)) await writer.write(Buffer.from('x\n'), period);
    await writer.discard();
    expect(await readdir(staging)).toEqual([]);
  });
});

describe('a commit of several files', () => {
  it.each(['before', 'after'] as const)(
    'that dies %s any step of it is finished by the next',
    { timeout: 60_000 },
    async (when) => {
      for (let n = 0; ; n += 1) {
        const { sink, prepared, visible, staging } = await periodFolder();
        const handle = await prepared(1, 'bad\n');
        const disk = failingDisk(n, when);
        await sink(disk)
          .commit(handle)
          .catch(() => undefined);
        const again = await sink().commit(handle);
        expect(['committed', 'already-committed']).toContain(again.kind);
        expect(await visible()).toEqual(ALL);
        expect(await readdir(staging)).toEqual([]);
        if (disk.calls.length <= n) break;
      }
    },
  );

  it('stops at a file that somebody else wrote, and says how many are there', async () => {
    const { sink, prepared, visible, table } = await periodFolder();
    const handle = await prepared();
    await mkdir(join(table, 'year=2026/month=02/day=01'), { recursive: true });
    await writeFile(join(table, FINALS[1]!), 'theirs');
    expect(await sink().commit(handle)).toEqual({
      kind: 'in-doubt',
      message:
        'in year=2026/month=02/day=01: flights-T1.ndjson holds other content than the task wrote; 1 of 3 files are committed',
    });
    expect(Object.keys(await visible())).toEqual(FINALS.slice(0, 2));
  });

  it('does not follow a link that leads out of the table', async () => {
    const { sink, prepared, table } = await periodFolder();
    const handle = await prepared();
    await symlink(tmpdir(), join(table, 'year=2026'));
    await expect(sink().commit(handle)).rejects.toMatchObject({ code: 'DIRECTORY_NOT_ALLOWED' });
    await rm(join(table, 'year=2026'));
  });

  it.each([
    { files: '2026-01-01 4 1\n../.. 4 1' },
    { files: '2026-01-01 4' },
    { final: '../x' },
    { unit: 'year' },
  ])('of a handle with %j is in doubt', async (broken) => {
    const { sink, prepared, visible } = await periodFolder();
    const handle = { ...(await prepared()), ...broken };
    expect(await sink().commit(handle)).toMatchObject({ kind: 'in-doubt' });
    expect(await visible()).toEqual({});
  });
});
