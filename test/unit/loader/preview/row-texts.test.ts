import { expect, it } from 'vitest';
import { RowTexts } from '../../../../functions/loader/preview/row-texts.ts';

async function textsOf(chunks: readonly string[], rows: number, format: 'json' | 'csv') {
  const texts = new RowTexts();
  for (const chunk of chunks) await texts.write(Buffer.from(chunk));
  return texts.texts(rows, format);
}

it('rows end at line breaks, wherever chunks end', async () => {
  expect(await textsOf(['{"a":1}\n{"a"', ':2}\n'], 2, 'json')).toEqual(['{"a":1}', '{"a":2}']);
  expect(await textsOf([], 0, 'json')).toEqual([]);
});

it('a line break in quotes ends no row of CSV, and a quote in JSON is a part of it', async () => {
  expect(await textsOf(['1,"a\nb ""x"""\n2,c\n'], 2, 'csv')).toEqual(['1,"a\nb ""x"""', '2,c']);
  expect(await textsOf(['{"a":"\\""}\n{"b":1}\n'], 2, 'json')).toEqual(['{"a":"\\""}', '{"b":1}']);
});

it('a single row is all that was written, in whatever dialect', async () => {
  expect(await textsOf(["1;'a\nb'\n"], 1, 'csv')).toEqual(["1;'a\nb'"]);
});

it('of more than a megabyte the whole rows are kept', async () => {
  const line = `{"text":"${'x'.repeat(300_000)}"}\n`;
  const rows = await textsOf([line, line, line, line], 4, 'json');
  expect(rows).toEqual([line, line, line].map((each) => each.trimEnd()));
});
