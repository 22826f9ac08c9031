import { describe } from 'vitest';
import type { MakeTables } from './make-tables.ts';
import { describeAdvancing } from './task-end/advancing.ts';
import { describeCancelling } from './task-end/cancelling.ts';
import { describeGuards } from './task-end/guards.ts';

/**
 * What the store promises about the two ends of a task, on any tables.
 *
 * @param make new and empty tables for every test
 */
export function describeFinishing(name: string, make: MakeTables): void {
  describe(`the end of a task in the store: ${name}`, () => {
    describe('advancing', () => describeAdvancing(make));
    describe('advancing, guarded', () => describeGuards(make));
    describe('cancelling', () => describeCancelling(make));
  });
}
