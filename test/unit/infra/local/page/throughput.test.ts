import { expect, it } from 'vitest';
import { throughputOf } from '../../../../../infra/local/page/throughput.ts';
import { ago, exampleTask, NOON } from './examples.ts';

it('spreads the rows of a task over the time that it took', () => {
  const throughput = throughputOf([exampleTask()], NOON);
  expect(throughput).toMatchObject({ from: NOON - 300_000, to: NOON });
  expect(throughput.rows.slice(-5)).toEqual([0, 500, 500, 0, 0]);
});

it('shows the five minutes up to the last task of a job that has loaded nothing since', () => {
  const task = exampleTask({ createdAt: ago(7_210), finishedAt: ago(7_200) });
  const { to, rows } = throughputOf([task], NOON);
  expect(to).toBe(NOON - 7_200_000);
  expect(rows.slice(-3)).toEqual([0, 500, 500]);
});

it('leaves out what is from before, and has no speed where nothing was loaded', () => {
  const earlier = exampleTask({ createdAt: ago(320), finishedAt: ago(295) });
  const now = exampleTask({ createdAt: ago(5), finishedAt: undefined, statistics: undefined });
  expect(throughputOf([now, earlier], NOON).rows.reduce((a, b) => a + b)).toBeCloseTo(200);
  expect(throughputOf([now], NOON).rowsPerSecond).toBe(0);
});

it('a task that took no time at all still counts', () => {
  const task = exampleTask({ createdAt: ago(10), finishedAt: ago(10) });
  expect(throughputOf([task], NOON).rows.reduce((a, b) => a + b)).toBeCloseTo(1_000);
});

it('tells the speed of the time in which tasks were under way, once where they overlap', () => {
  const tasks = [
    exampleTask({ createdAt: ago(40), finishedAt: ago(38) }),
    exampleTask({ createdAt: ago(39), finishedAt: ago(36) }),
    exampleTask({ createdAt: ago(20), finishedAt: ago(19) }),
  ];
  expect(throughputOf(tasks, NOON).rowsPerSecond).toBe(600);
});
