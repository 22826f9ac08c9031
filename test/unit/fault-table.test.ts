import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The table of the tests' README, held against the files that it names. */

const tests = new URL('../', import.meta.url);
const readme = readFileSync(new URL('README.md', tests), 'utf8');

const rows = readme.split('\n').flatMap((line) => {
  const [, fault, named] = /^\| \*\*(F\d+)\*\* [^|]+\| (.+) \|$/.exec(line) ?? [];
  if (fault === undefined || named === undefined) return [];
  const entries = named.split(' <br> ').map((entry) => {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(entry) ?? [];
    return { file, title };
  });
  return [{ fault, entries }];
});

it('has every fault once, in order', () => {
  const all = Array.from({ length: 28 }, (_, i) => `F${i + 1}`);
  expect(rows.map(({ fault }) => fault)).toEqual(all);
});

it.each(rows)('names tests of $fault that are there', ({ fault, entries }) => {
  const faulty = entries.filter(({ file, title }) => {
    const url = new URL(file, tests);
    return !existsSync(url) || !readFileSync(url, 'utf8').includes(title);
  });
  expect(faulty).toEqual([]);
  const number = new RegExp(`\\b${fault}\\b`);
  expect(entries.some(({ title }) => number.test(title))).toBe(true);
});
