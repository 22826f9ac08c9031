import { describe, expect, it } from 'vitest';
import { installationFaults } from '../../../functions/api/installation-limits.ts';

const limits = {
  ALLOWED_BROKERS: ['*'],
  ALLOWED_DESTINATIONS: ['*'],
  ALLOWED_ENDPOINTS: undefined,
  FILE_DIRECTORIES: ['/data'],
  MAX_BATCH_ROWS: 1_000,
  MAX_BATCH_BYTES: 1_000_000,
} as Parameters<typeof installationFaults>[1];

describe('what an installation allows', () => {
  it('F14: a specification that would not fit the item of its job is refused', () => {
    const offsets = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, partition) => [partition, '9223372036854775807']),
    );
    const input = { source: { kafka: { startOffsets: offsets } } };
    const faults = installationFaults(input, limits);
    expect(faults).toMatchObject([{ pointer: '' }]);
    expect(faults[0]?.detail).toContain('at most 262144 bytes');
    expect(installationFaults({ comment: 'short' }, limits)).toEqual([]);
  });
});
