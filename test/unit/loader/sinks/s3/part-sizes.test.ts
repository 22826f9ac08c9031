import { expect, it } from 'vitest';
import { partBytes } from '../../../../../functions/loader/sinks/s3/part-sizes.ts';

it('parts grow, so that 800 of them hold more than 20 GB, and small slices need little memory', () => {
  const sizes = Array.from({ length: 800 }, (_, i) => partBytes(i + 1));
  expect(sizes[0]).toBe(8_388_608);
  expect(sizes[199]).toBe(8_388_608);
  expect(sizes[200]).toBe(16_777_216);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(20e9);
});
