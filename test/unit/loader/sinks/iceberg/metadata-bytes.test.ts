import { zstdCompressSync } from 'node:zlib';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import {
  readAvroFile,
  writeAvroFile,
} from '../../../../../functions/loader/sinks/iceberg/avro-file.ts';
import { manifestBytes } from '../../../../../functions/loader/sinks/iceberg/manifest.ts';
import {
  listed,
  manifestListBytes,
  readManifestList,
} from '../../../../../functions/loader/sinks/iceberg/manifest-list.ts';
import { schemaOf, specOf } from '../../../../../functions/loader/sinks/iceberg/table-state.ts';
import { madeTable } from './made-tables.ts';

const BIG = 8_223_372_036_854_775_807n;

/** What is wrong with a file, as another implementation reads it. */
function decoded(bytes: Buffer): Promise<{ rows: unknown[]; meta: Record<string, Buffer> }> {
  return new Promise((resolve, reject) => {
    const decoder = new avro.streams.BlockDecoder();
    const rows: unknown[] = [];
    let meta: Record<string, Buffer> = {};
    decoder.on('metadata', (_type: unknown, _codec: string, header: { meta: typeof meta }) => {
      meta = header.meta;
    });
    decoder.on('data', (row: unknown) => rows.push(row));
    decoder.on('end', () => resolve({ rows, meta }));
    decoder.on('error', reject);
    decoder.end(bytes);
  });
}

const day = madeTable({
  'partition-specs': [
    {
      'spec-id': 4,
      fields: [{ name: 'a day', transform: 'day', 'source-id': 1, 'field-id': 1000 }],
    },
  ],
  'default-spec-id': 4,
});

describe('a manifest', () => {
  const files = [
    { path: 's3://lake/a.parquet', rows: 3, bytes: 700, partition: -1 },
    { path: 's3://lake/b.parquet', rows: 4, bytes: 800, partition: null },
  ];

  it('lists files that are added, for a snapshot that is not known yet', async () => {
    const bytes = manifestBytes(files, { spec: specOf(day, 4), schema: schemaOf(day) });
    const { rows, meta } = await decoded(bytes);
    const entry = {
      status: 1,
      snapshot_id: null,
      sequence_number: null,
      file_sequence_number: null,
    };
    const file = { content: 0, file_format: 'PARQUET' };
    expect(rows).toMatchObject([
      {
        ...entry,
        data_file: {
          ...file,
          file_path: 's3://lake/a.parquet',
          partition: { period: -1 },
          record_count: 3,
          file_size_in_bytes: 700,
        },
      },
      { ...entry, data_file: { ...file, partition: { period: null }, record_count: 4 } },
    ]);
    expect(
      Object.fromEntries(Object.entries(meta).map(([name, text]) => [name, `${text}`])),
    ).toMatchObject({
      'schema-id': '0',
      'partition-spec-id': '4',
      'partition-spec': expect.stringContaining('"transform":"day"'),
      'format-version': '2',
      content: 'data',
    });
  });

  it('has the numbers of the specification at its fields', () => {
    const bytes = manifestBytes(files, { spec: specOf(day, 4), schema: schemaOf(day) });
    const numbers = [...JSON.stringify(readAvroFile(bytes).schema).matchAll(/"field-id":(\d+)/g)];
    expect(numbers.map(([, number]) => Number(number))).toEqual([
      0, 1, 3, 4, 134, 100, 101, 1000, 102, 103, 104, 2,
    ]);
  });
});

const snapshot = { snapshotId: BIG, parentId: BIG - 1n, sequenceNumber: 9n };
const added = listed(
  {
    path: 's3://lake/m0.avro',
    bytes: 321,
    specId: 4,
    files: 2,
    rows: 7,
    partitions: [{ hasNull: true, lowest: -1, highest: 20_000 }],
  },
  snapshot,
);

describe('a manifest list', () => {
  it('is read as it was written, with all digits', () => {
    expect(readManifestList(manifestListBytes([added, added], snapshot))).toEqual([added, added]);
  });

  it('tells of partitions what they are between, in 4 bytes each', () => {
    expect(added.partitions).toEqual([
      {
        contains_null: true,
        contains_nan: false,
        lower_bound: Buffer.from([0xff, 0xff, 0xff, 0xff]),
        upper_bound: Buffer.from([0x20, 0x4e, 0, 0]),
      },
    ]);
  });

  const theirs = (names: Readonly<Record<string, number>>, codec = 'null') => {
    const types: Readonly<Record<number, unknown>> = {
      500: 'string',
      501: 'long',
      503: ['null', 'long'],
    };
    const fields = Object.entries(names).map(([name, number]) => ({
      name,
      type: types[number] ?? 'int',
      'field-id': number,
    }));
    const type = avro.Type.forSchema({
      type: 'record',
      name: 'theirs',
      fields,
    } as unknown as avro.Schema);
    const row = Object.fromEntries(
      Object.keys(names).map((name) => [name, names[name] === 500 ? 's3://lake/x.avro' : 5]),
    );
    const block = codec === 'zstandard' ? zstdCompressSync(type.toBuffer(row)) : type.toBuffer(row);
    const header = avro.Type.forSchema({
      type: 'record',
      name: 'H',
      fields: [
        { name: 'magic', type: { type: 'fixed', name: 'M', size: 4 } },
        { name: 'meta', type: { type: 'map', values: 'bytes' } },
        { name: 'sync', type: { type: 'fixed', name: 'S', size: 16 } },
      ],
    });
    const meta = {
      'avro.schema': Buffer.from(JSON.stringify({ type: 'record', name: 'theirs', fields })),
      'avro.codec': Buffer.from(codec),
    };
    const long = avro.Type.forSchema('long');
    const sync = Buffer.alloc(16);
    return Buffer.concat([
      header.toBuffer({ magic: Buffer.from('Obj\u0001', 'latin1'), meta, sync }),
      long.toBuffer(1),
      long.toBuffer(block.length),
      block,
      sync,
    ]);
  };
  const ALL = {
    path: 500,
    length: 501,
    spec: 502,
    snapshot: 503,
    added_data_files_count: 504,
    existing_data_files_count: 505,
    deleted_data_files_count: 506,
    added: 512,
    existing: 513,
    deleted: 514,
  };

  it.each(['null', 'zstandard'])(
    'of version 1, with names of its own and codec %s, is found by numbers',
    (codec) => {
      expect(readManifestList(theirs(ALL, codec))).toEqual([
        expect.objectContaining({
          manifest_path: 's3://lake/x.avro',
          manifest_length: 5n,
          content: 0,
          sequence_number: 0n,
          added_snapshot_id: 5n,
          added_files_count: 5,
          partitions: null,
        }),
      ]);
    },
  );

  it('without what version 2 must have is refused, not guessed', () => {
    const { added: _, ...fewer } = ALL;
    expect(() => readManifestList(theirs(fewer))).toThrow('must tell added_rows_count, got none');
  });

  it.each([
    ['of an unknown codec', theirs(ALL, 'bzip2'), /null, deflate or zstandard, got bzip2/],
    ['that is none', Buffer.from('<html>'), /must be an avro file/],
    ['that was cut', manifestListBytes([added], snapshot).subarray(0, -40), /must be an avro file/],
  ])('%s is refused', (_, bytes, fault) => {
    expect(() => readManifestList(bytes)).toThrow(fault);
  });
});

describe('an avro file', () => {
  it('keeps 64 bits, also in a union', () => {
    const fields = [
      { name: 'a', type: 'long' },
      { name: 'b', type: ['null', 'long'] },
    ];
    const rows = [
      { a: BIG, b: -BIG },
      { a: 0n, b: null },
    ];
    const bytes = writeAvroFile({ type: 'record', name: 'r', fields }, rows, {});
    expect(readAvroFile(bytes).rows).toEqual(rows);
  });
});
