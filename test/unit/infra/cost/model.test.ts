import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { leversFor } from '../../../../infra/cost/levers.ts';
import { type Load, load } from '../../../../infra/cost/load.ts';
import {
  costsOfInstallation,
  costsPerMonth,
  costsPerTb,
  sum,
} from '../../../../infra/cost/model.ts';

/** With units of its own: what the bench measures next changes nothing here. */
const usual = (more: Partial<Load> = {}): Load =>
  load.parse({
    gbPerDay: 100,
    writeUnitsPerTask: 7.1,
    readUnitsPerTask: 4.2,
    readUnitsPerIdleJob: 2,
    ...more,
  });

it('what nobody says is what the bench measured last', () => {
  const file = JSON.parse(readFileSync('infra/cost/measured.json', 'utf8'));

  expect(load.parse({ gbPerDay: 1 })).toMatchObject({
    writeUnitsPerTask: file.writeUnitsPerTask,
    readUnitsPerTask: file.readUnitsPerTask,
    readUnitsPerIdleJob: file.readUnitsPerIdleJob,
  });
});

describe('a TB', () => {
  it('costs Lambda by the speed of a loader', () => {
    const at = (mbPerSecond: number) => costsPerTb(usual({ mbPerSecond }))['Lambda, loading'];

    expect(at(40)).toBeCloseTo(0.576, 3);
    expect(at(20)).toBeCloseTo(2 * 0.576, 2);
  });

  it('costs a hundredth of a dollar a GB in each direction when it crosses zones', () => {
    expect(costsPerTb(usual({ crossZoneShare: 2 / 3 }))['Kafka, between zones']).toBeCloseTo(
      13.33,
      2,
    );
    const compressed = usual({ crossZoneShare: 2 / 3, wireRatio: 0.25 });
    expect(costsPerTb(compressed)['Kafka, between zones']).toBeCloseTo(3.33, 2);
  });

  it('costs DynamoDB and S3 by the task, so that small tasks are dear', () => {
    const [large, small] = [costsPerTb(usual()), costsPerTb(usual({ mbPerTask: 1 }))];

    expect(large['DynamoDB, tasks']).toBeCloseTo(0.0194, 4);
    expect(small['DynamoDB, tasks']).toBeCloseTo(256 * 0.0194, 1);
    expect(small['S3 requests']).toBeCloseTo(10.08, 2);
  });

  it('costs most by a NAT gateway', () => {
    expect(costsPerTb(usual({ s3Way: 'nat' }))['way to S3']).toBe(45);
    expect(costsPerTb(usual({ s3Way: 'gateway' }))['way to S3']).toBe(0);
  });
});

describe('an installation', () => {
  it('costs the same whether it loads or not, and an idle job next to nothing', () => {
    const idle = (jobs: number) => sum(costsOfInstallation(usual({ jobs, idleJobs: 0 })));

    expect(idle(101) - idle(1)).toBeCloseTo(100 * 0.01095, 4);
  });

  it('costs four and a half dollars for each job with metrics of its own', () => {
    const each = (metricsPerJob: boolean) =>
      sum(costsOfInstallation(usual({ jobs: 10, metricsPerJob })));

    expect(each(true) - each(false)).toBeCloseTo(45);
  });
});

describe('the levers', () => {
  it('name what dominates first', () => {
    const careless = usual({ s3Way: 'nat', crossZoneShare: 0.67, mbPerTask: 10 });

    expect(leversFor(careless).map(({ advice }) => advice.split(':')[0])).toEqual([
      'reach S3 by its gateway endpoint, which is free',
      'read in the own zone',
      'let producers compress (zstd, lz4)',
      'name brokers in jobs instead of the cluster',
      'larger tasks',
    ]);
  });

  it('save what they say', () => {
    const now = usual({ s3Way: 'nat' });
    const [best] = leversFor(now);

    const then = sum(costsPerMonth({ ...now, s3Way: 'gateway' }));
    expect(best?.saves).toBeCloseTo(sum(costsPerMonth(now)) - then);
  });

  it('are none where nothing is left to save', () => {
    expect(leversFor(usual({ interfaceEndpoints: 0 }))).toEqual([]);
  });
});
