import { type JobSpec, jobSpec } from '#shared/domain/job-spec.ts';

/** What differs between the jobs of scenarios. */
export interface SpecDraw {
  readonly name: string;
  readonly topic: string;
  readonly bounded: boolean;
  readonly fromLatest: boolean;
  readonly forgiving: boolean;
  readonly desiredConcurrency: number;
  readonly maxRows: number;
  readonly outOfRange: JobSpec['policies']['offsetOutOfRange'];
}

const drawnSpecs = new Map<string, JobSpec>();

/** The specification; the same draw gives the same object, so that it is parsed once. */
export function specOf(draw: SpecDraw): JobSpec {
  const key = JSON.stringify(draw);
  let spec = drawnSpecs.get(key);
  if (spec === undefined) {
    spec = parse(draw);
    drawnSpecs.set(key, spec);
  }
  return spec;
}

function parse(draw: SpecDraw): JobSpec {
  return jobSpec.parse({
    name: draw.name,
    source: {
      kafka: {
        brokers: ['broker:9092'],
        topic: draw.topic,
        startOffsets: draw.fromLatest ? 'latest' : 'earliest',
        ...(draw.bounded && { endOffsets: 'latest' }),
      },
    },
    destination: { file: { table: draw.name } },
    desiredConcurrency: draw.desiredConcurrency,
    batch: { maxRows: draw.maxRows, maxIntervalSeconds: 10 },
    policies: { offsetOutOfRange: draw.outOfRange },
    errors: { maxPerTenThousand: draw.forgiving ? 10_000 : 0 },
  });
}
