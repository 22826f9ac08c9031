import { expect, it } from 'vitest';
import { destinationText } from '../../../cli/destination-text.ts';

it.each([
  [{ file: { table: 'flights' } }, 'file flights'],
  [{ s3: { bucket: 'b' } }, 's3 mine'],
  [{ doris: { database: 'air', table: 'flights', frontends: ['fe:8030'] } }, 'doris air.flights'],
  [{ iceberg: { namespace: 'air.raw', table: 'flights' } }, 'iceberg air.raw.flights'],
])('%j is %s', (destination, text) => {
  expect(destinationText(destination, 'mine')).toBe(text);
});
