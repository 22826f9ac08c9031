import { expect, it } from 'vitest';
import { RowTexts } from '../../../../functions/loader/preview/row-texts.ts';

async function textsOf(chunks: readonly string[], mostBytes = 1_000) {
  const texts = new RowTexts(mostBytes);
  for (const chunk of chunks) await texts.write(Buffer.from(chunk));
  return texts;
}

it('rows end at line breaks, wherever chunks end', async () => {
  const texts = await textsOf(['{"a":1}\n{"a"', ':2}\n']);
  expect(texts.rows('json')).toEqual(['{"a":1}', '{"a":2}']);
  expect((await textsOf([])).rows('json')).toEqual([]);
});

it('a line break in quotes ends no row of CSV, and a quote in JSON is a part of it', async () => {
  const csv = await textsOf(['1,"a\nb ""x"""\n2,c\n']);
  expect(csv.rows('csv')).toEqual(['1,"a\nb ""x"""', '2,c']);
  const json = await textsOf(['{"a":"\\""}\n{"b":1}\n']);
  expect(json.rows('json')).toEqual(['{"a":"\\""}', '{"b":1}']);
});

it('a single row is all that was written, in whatever dialect', async () => {
  expect((await textsOf(["1;'a\nb'\n"])).whole()).toBe("1;'a\nb'");
});

it('of more than there is room for the whole rows are kept', async () => {
  const line = `{"text":"${'x'.repeat(300)}"}\n`;
  const texts = await textsOf([line, line, line, line]);
  expect(texts.rows('json')).toEqual([line, line, line].map((each) => each.trimEnd()));
  expect(texts.isCut).toBe(true);
  expect((await textsOf([line, line, line])).isCut).toBe(false);
});
