import { describe, expect, it } from 'vitest';
import { resolveTableDirectory } from '../../../functions/shared/table-directory.ts';

const roots = ['/data/tables', '/mnt/efs/'];
const resolved = (directory: string | undefined, table = 'flights') =>
  resolveTableDirectory({ roots, directory, table });

describe('the directory of a table', () => {
  it.each([
    [undefined, '/data/tables/flights'],
    ['/data/tables', '/data/tables/flights'],
    ['/data/tables/', '/data/tables/flights'],
    ['/data/tables/deep//er', '/data/tables/deep/er/flights'],
    ['/data/tables/a/../b', '/data/tables/b/flights'],
    ['/data/../data/tables', '/data/tables/flights'],
    ['/mnt/efs/x', '/mnt/efs/x/flights'],
  ])('for %j is %s', (directory, path) => {
    expect(resolved(directory)).toBe(path);
  });

  it.each([
    ['/'],
    ['/data'],
    ['/data/tables/..'],
    ['/data/tables/../../etc'],
    ['/data/tables-other'],
    ['/mnt/efsx'],
    ['tables'],
    ['./data/tables'],
    [''],
    ['/data/tables/\0'],
  ])('is refused for %j', (directory) => {
    expect(() => resolved(directory)).toThrow(
      expect.objectContaining({ code: 'DIRECTORY_NOT_ALLOWED' }),
    );
  });

  it.each([['..'], ['.'], ['a/b'], ['/etc'], ['']])('is refused for table %j', (table) => {
    expect(() => resolved(undefined, table)).toThrow(
      expect.objectContaining({ code: 'DIRECTORY_NOT_ALLOWED' }),
    );
  });

  it('is refused where no directory is allowed at all', () => {
    for (const none of [undefined, []]) {
      expect(() => resolveTableDirectory({ roots: none, directory: '/data', table: 't' })).toThrow(
        /FILE_DIRECTORIES is not set|must be under one of/,
      );
    }
  });

  it('may be anywhere below the root of the file system, if that is allowed', () => {
    expect(resolveTableDirectory({ roots: ['/'], directory: '/', table: 't' })).toBe('/t');
    expect(resolveTableDirectory({ roots: ['/'], directory: '/a', table: 't' })).toBe('/a/t');
  });
});
