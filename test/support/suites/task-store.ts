import { describe } from 'vitest';
import type { MakeTables } from './make-tables.ts';
import { describeClaiming } from './task-store/claiming.ts';
import { describeDeciding } from './task-store/deciding.ts';
import { describeLanes } from './task-store/lanes.ts';
import { describeOffering } from './task-store/offering.ts';
import { describePlanning } from './task-store/planning.ts';
import { describeRunning } from './task-store/running.ts';

/**
 * What the store promises about lanes and about a task up to its decision, on any tables.
 *
 * @param make new and empty tables for every test
 */
export function describeTaskStore(name: string, make: MakeTables): void {
  describe(`lanes in the store: ${name}`, () => describeLanes(make));
  describe(`tasks in the store: ${name}`, () => {
    describe('planning', () => describePlanning(make));
    describe('claiming', () => describeClaiming(make));
    describe('running', () => describeRunning(make));
    describe('deciding', () => describeDeciding(make));
    describe('offering again', () => describeOffering(make));
  });
}
