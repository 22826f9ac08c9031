import { expect, it } from 'vitest';
import { ownZone } from '../../../functions/loader/own-zone.ts';

it('is what is configured, without asking', async () => {
  const ask = () => Promise.reject(new Error('asked'));

  expect(await ownZone('use1-az9', ask)).toBe('use1-az9');
  expect(await ownZone('', ask)).toBe('');
});

it('is what Lambda tells', async () => {
  expect(await ownZone(undefined, async () => ({ AvailabilityZoneID: 'use1-az1' }))).toBe(
    'use1-az1',
  );
});

it('is none where nobody tells, or the answer is not to be had', async () => {
  expect(await ownZone(undefined, async () => ({}))).toBe('');
  expect(await ownZone(undefined, () => Promise.reject(new Error('no endpoint')))).toBe('');
  expect(await ownZone(undefined)).toBe('');
});
