import avro from 'avsc';
import { inlineAvro } from '../../../../../functions/loader/values/avro/avro-schema.ts';
import { exactLong } from '../../values/exact-long.ts';
import { type Given, transformed } from '../transformed.ts';

/** A field of a schema. */
export interface AvroField {
  readonly name: string;
  readonly type: unknown;
}

/** Rows of a record schema as a slice that becomes Parquet. Longs are bigint; logical types are those underneath. */
export async function avroRows(
  fields: readonly AvroField[],
  rows: readonly Readonly<Record<string, unknown>>[],
  given: Given = {},
) {
  const schema = { type: 'record', name: 'Row', fields } as avro.Schema;
  const type = avro.Type.forSchema(schema, {
    wrapUnions: 'always',
    typeHook: (part) => (isLong(part) ? exactLong : undefined) as avro.Type,
  });
  const text = JSON.stringify(schema);
  return transformed(
    {
      file: { format: 'parquet' },
      format: { type: 'avro', schema: text },
      reading: inlineAvro(text, 'binary'),
      ...given,
    },
    rows.map((row) => ({ value: type.toBuffer(row) })),
  );
}

function isLong(part: unknown): boolean {
  return part === 'long' || (part as { type?: unknown }).type === 'long';
}
