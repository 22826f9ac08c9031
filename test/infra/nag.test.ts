import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { NAG_PACKS } from '../../infra/nag.ts';
import { exampleStack, existingStack, testApp } from '../support/stacks.ts';

const MOST_ACKNOWLEDGED = 10;

const stacks: [string, () => Stack][] = [
  ['RoutineLoad', () => existingStack({ buckets: ['my-tables'], secretsPrefix: 'AmazonMSK_x/' })],
  ['RoutineLoadExample', exampleStack],
  [
    'RoutineLoad with schema registries',
    () => existingStack({ schemaRegistries: { hosts: ['schemas.internal'], glue: true } }),
  ],
  [
    'RoutineLoad with Iceberg catalogs',
    () =>
      existingStack({
        icebergCatalogs: {
          glueDatabases: ['air'],
          tableBuckets: ['arn:aws:s3tables:us-east-1:111111111111:bucket/lake'],
        },
      }),
  ],
];

/** The reasons for which rules of the packs are broken on purpose; CDK acknowledges some of its own besides. */
function reasonsIn(stack: Stack): Set<string> {
  const recorded = stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  const acknowledged = recorded.flatMap(({ data }) =>
    Object.entries(data as Record<string, string>),
  );
  const ours = acknowledged.filter(([rule]) => /AwsSolutions|Serverless|NIST/.test(rule));
  return new Set(ours.map(([, reason]) => reason));
}

describe.each(stacks)('%s', (_name, make) => {
  it.each(NAG_PACKS.map((Pack) => [Pack.name, Pack] as const))('passes %s', (_pack, Pack) => {
    const stack = make();
    const app = App.of(stack) as App;

    const report = new Pack(app).validateScope(app);

    expect(report.violations.map(({ ruleName }) => ruleName)).toEqual([]);
    expect(report.success).toBe(true);
  });

  it('breaks at most ten rules on purpose, each with a reason', () => {
    const reasons = reasonsIn(make());

    expect(reasons.size).toBeGreaterThan(0);
    expect(reasons.size).toBeLessThanOrEqual(MOST_ACKNOWLEDGED);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(40);
  });
});

it.each(NAG_PACKS.map((Pack) => [Pack.name, Pack] as const))(
  '%s finds what nobody acknowledged',
  (_pack, Pack) => {
    const app = testApp();
    const stack = new Stack(app, 'Careless');
    new CfnFunction(stack, 'Function', {
      role: 'arn:aws:iam::111111111111:role/x',
      code: { zipFile: '' },
      handler: 'index.handler',
      runtime: 'nodejs14.x',
    });

    expect(new Pack(app).validateScope(app).success).toBe(false);
  },
);
