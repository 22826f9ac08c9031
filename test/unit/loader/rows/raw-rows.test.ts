import { describe, expect, it } from 'vitest';
import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { recordOf } from './record-of.ts';
import { reasonOf, rowsOf, specOf } from './rows-of.ts';

describe('raw into ndjson', () => {
  it('passes bytes on unchecked', async () => {
    const chunks: Uint8Array[] = [];
    const rows = makeRowWriter({
      spec: specOf({ format: { type: 'raw' } }),
      topic: 'flights',
      writer: { write: async (chunk) => void chunks.push(Buffer.from(chunk)) },
      limits: { maxRows: 10, maxBytes: 1_000 },
    });
    rows.accept(recordOf({ value: Buffer.from([0xff, 0x00, 0x7b]) }));
    await rows.finish();
    expect(Buffer.concat(chunks)).toEqual(Buffer.from([0xff, 0x00, 0x7b, 0x0a]));
  });

  it('refuses a line break, which would make two rows of one', async () => {
    expect(await reasonOf({ format: { type: 'raw' } }, 'a\nb')).toBe(
      'line break at byte 1: a raw value with one cannot be one line of ndjson',
    );
    expect(await reasonOf({ format: { type: 'raw' } }, 'ab\r')).toMatch(/^line break at byte 2/);
  });
});

describe('raw into csv', () => {
  it('is one column, quoted where it must be', async () => {
    const { text } = await rowsOf({ format: { type: 'raw' }, file: { format: 'csv' } }, [
      'plain',
      'a,b',
      'two\nlines',
      'say "hi"',
    ]);
    expect(text).toBe('value\nplain\n"a,b"\n"two\nlines"\n"say ""hi"""\n');
  });
});
