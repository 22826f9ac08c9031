import { describe, expect, it } from 'vitest';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import { makeRowEncoder } from '../../../../functions/loader/rows/make-row-encoder.ts';
import { RowBuffer } from '../../../../functions/loader/rows/row-buffer.ts';
import { tombstoneRow } from '../../../../functions/loader/rows/tombstone-row.ts';
import { inlineAvro } from '../../../../functions/loader/values/avro/avro-schema.ts';
import { type GivenRecord, recordOf } from '../rows/record-of.ts';

const SCHEMA =
  '{"type":"record","name":"R","fields":[{"name":"n","type":"long"},{"name":"s","type":"string"}]}';
/** n = -1, s = é */
const VALUE = Buffer.from([1, 4, 0xc3, 0xa9]);

const warehouse = {
  frontends: ['fe:8030'],
  tls: false,
  database: 'air',
  table: 'flights',
  secretArn: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:doris-AbCdEf',
  metadata: ['_key', '_offset'],
};

function encoderFor(destination: unknown, columns?: string) {
  const encoder = makeRowEncoder(
    {
      format: { type: 'avro', schema: SCHEMA },
      columns,
      destination: destination as JobSpec['destination'],
      reading: inlineAvro(SCHEMA, 'binary'),
    },
    'topic',
  );
  return {
    header: encoder.header?.toString(),
    encode(given: GivenRecord | ReturnType<typeof recordOf>) {
      const out = new RowBuffer(64);
      const record = 'buffer' in given ? given : recordOf(given);
      const fault = encoder.encode(record, out);
      return { fault, row: out.bytes.toString('utf8', 0, out.length) };
    },
  };
}

describe('decodingEncoder', () => {
  const record = { value: VALUE, key: 'k', offset: 2n ** 60n, headers: [['h', 'v']] } as const;

  it('gives decoded values to NDJSON, with what the record itself has', () => {
    const file = { table: 't', format: 'ndjson', metadata: ['_key', '_offset', '_headers'] };
    expect(encoderFor({ file }).encode(record).row).toBe(
      '{"n":-1,"s":"é","_key":"k","_offset":1152921504606846976,"_headers":[["h","v"]]}',
    );
  });

  it('gives them to CSV and to warehouses, which get JSON', () => {
    const csv = encoderFor(
      { file: { table: 't', format: 'csv', header: true, metadata: [] } },
      's, n',
    );
    expect(csv.header).toBe('s,n\n');
    expect(csv.encode(record).row).toBe('é,-1');
    for (const kind of ['doris', 'starrocks']) {
      expect(encoderFor({ [kind]: warehouse }).encode(record).row).toBe(
        '{"n":-1,"s":"é","_key":"k","_offset":1152921504606846976}',
      );
    }
  });

  it('tells why a value is none, without the value, and goes on with the next', () => {
    const { encode } = encoderFor({ file: { table: 't', format: 'ndjson', metadata: [] } });
    expect(encode({ value: VALUE.subarray(0, 3) }).fault).toEqual({
      reason: 'the value ends too early for its schema',
    });
    expect(encode({ value: VALUE })).toEqual({ fault: undefined, row: '{"n":-1,"s":"é"}' });
  });

  it('does not decode the row that stands for a tombstone', () => {
    const { encode } = encoderFor({ file: { table: 't', format: 'ndjson', metadata: ['_key'] } });
    const row = tombstoneRow(recordOf({ value: null, key: 'gone' }), 'null');
    expect(encode(row)).toEqual({ fault: undefined, row: '{"_key":"gone"}' });
  });
});
