import type { Load } from './load.ts';
import { costsPerMonth, sum } from './model.ts';

/** A setting that could make the load cheaper, and what that saves by the month. */
export interface Lever {
  readonly advice: string;
  readonly saves: number;
}

interface Change {
  readonly advice: string;
  readonly applies: (load: Load) => boolean;
  readonly to: Partial<Load>;
}

const CHANGES: readonly Change[] = [
  {
    advice:
      'read in the own zone: set replica.selector.class on the brokers; loaders know their zone',
    applies: (load) => load.crossZoneShare > 0,
    to: { crossZoneShare: 0 },
  },
  {
    advice: 'let producers compress (zstd, lz4): a quarter of the bytes goes over the wire',
    applies: (load) => load.wireRatio > 0.5 && load.crossZoneShare > 0,
    to: { wireRatio: 0.25 },
  },
  {
    advice: 'reach S3 by its gateway endpoint, which is free',
    applies: (load) => load.destination === 's3' && load.s3Way !== 'gateway',
    to: { s3Way: 'gateway' },
  },
  {
    advice:
      'larger tasks: raise batch.maxIntervalSeconds and batch.maxBytes to 64 MB a task or more',
    applies: (load) => load.mbPerTask < 64,
    to: { mbPerTask: 64 },
  },
  {
    advice: 'name brokers in jobs instead of the cluster: then no interface endpoint is needed',
    applies: (load) => load.interfaceEndpoints > 0,
    to: { interfaceEndpoints: 0 },
  },
  {
    advice: 'metrics of each job only where somebody looks at them: metricsPerJob off',
    applies: (load) => load.metricsPerJob,
    to: { metricsPerJob: false },
  },
];

/** The levers that save something, the strongest first. */
export function leversFor(load: Load): Lever[] {
  const now = sum(costsPerMonth(load));
  return CHANGES.filter(({ applies }) => applies(load))
    .map(({ advice, to }) => ({ advice, saves: now - sum(costsPerMonth({ ...load, ...to })) }))
    .filter(({ saves }) => saves > 0.01)
    .sort((a, b) => b.saves - a.saves);
}
