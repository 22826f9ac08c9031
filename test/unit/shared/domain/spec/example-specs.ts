import { type JobSpecInput, jobSpec } from '../../../../../functions/shared/domain/job-spec.ts';

/** A secret that a job may name. */
export const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka-AbCdEf';

/** The smallest source. */
export const kafka = { brokers: ['127.0.0.1:9092'], topic: 'flights' };

/** The smallest specification. */
export const minimal = {
  name: 'flights',
  source: { kafka },
  destination: { file: { table: 'flights' } },
} satisfies JobSpecInput;

/** The faults of a specification as "path: message". */
export function faultsOf(given: unknown): string[] {
  const parsed = jobSpec.safeParse(given);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

/** The same with more about its source. */
export const withKafka = (more: object) => ({
  ...minimal,
  source: { kafka: { ...kafka, ...more } },
});

/** The same with more about its destination, and beside it. */
export const withFile = (more: object, rest: object = {}) => ({
  ...minimal,
  ...rest,
  destination: { file: { table: 'flights', ...more } },
});
