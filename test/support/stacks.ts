import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { inject } from 'vitest';
import { RoutineLoad, type RoutineLoadProps } from '../../infra/index.ts';
import type { InstallationContext } from '../../infra/settings/installation-context.ts';
import { ExampleStack } from '../../infra/stacks/example-stack.ts';
import { RoutineLoadStack } from '../../infra/stacks/routine-load-stack.ts';

/** Stacks as `cdk synth` makes them, but for the bundles: those have tests of their own. */

/** A part of a template. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is what CloudFormation says it is
  readonly Properties: any;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

const env = { region: 'us-east-1' };

/** An app whose output goes with the tests: without a folder of ours the CDK leaves one behind for each app. */
export function testApp(context: Readonly<Record<string, unknown>> = {}): App {
  return new App({ outdir: mkdtempSync(join(inject('cdkFolder'), 'app-')), context });
}

/** An app with the flags of cdk.json. */
function unbundledApp(): App {
  const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  return testApp({ ...context, 'aws:cdk:bundling-stacks': [] });
}

/** What cdk.json could say of an installation. */
export const EXISTING: InstallationContext = {
  vpcId: 'vpc-0123abcd',
  vpcCidr: '10.0.0.0/16',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  subnetIds: ['subnet-0123abcd', 'subnet-1123abcd'],
  routeTableIds: ['rtb-0123abcd', 'rtb-1123abcd'],
  clusterArn: 'arn:aws:kafka:us-east-1:111111111111:cluster/demo/0a1b2c3d-2',
  clusterSecurityGroupIds: ['sg-0123abcd'],
};

/** An installation beside a cluster that exists. */
export function existingStack(
  more: Partial<InstallationContext> = {},
  { region = env.region }: { readonly region?: string } = {},
): RoutineLoadStack {
  return new RoutineLoadStack(unbundledApp(), 'RoutineLoad', {
    env: { ...env, region },
    installation: { ...EXISTING, ...more },
  });
}

/** The stack for a first try. */
export function exampleStack(): ExampleStack {
  return new ExampleStack(unbundledApp(), 'RoutineLoadExample', { env });
}

/** The construct in a stack of somebody else's. */
export function installation(props: (stack: Stack) => Partial<RoutineLoadProps> = () => ({})): {
  readonly stack: Stack;
  readonly routineLoad: RoutineLoad;
} {
  const stack = new Stack(unbundledApp(), 'Theirs', { env });
  const routineLoad = new RoutineLoad(stack, 'RoutineLoad', {
    vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: EXISTING.vpcId,
      availabilityZones: EXISTING.availabilityZones,
      privateSubnetIds: EXISTING.subnetIds,
      privateSubnetRouteTableIds: EXISTING.routeTableIds,
    }),
    cluster: {
      clusterArn: EXISTING.clusterArn,
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Brokers', 'sg-0123abcd')],
    },
    ...props(stack),
  });
  return { stack, routineLoad };
}

/** All resources of a type, by their logical ids. */
export function resourcesOf(template: Template, type: string): Record<string, Resource> {
  return template.findResources(type) as Record<string, Resource>;
}

/** The resource of a type whose logical id holds `part`; there must be exactly one. */
export function resourceOf(template: Template, type: string, part: string): Resource {
  const found = Object.entries(resourcesOf(template, type)).filter(([id]) => id.includes(part));
  if (found.length !== 1 || !found[0]) {
    throw new Error(`one ${type} must have ${part} in its id, got ${found.map(([id]) => id)}`);
  }
  return found[0][1];
}

let deployed: Template | undefined;

/** The variables that a function is deployed with; those that only CloudFormation knows are left out. */
export function deployedEnvironment(part: string): Record<string, string> {
  deployed ??= Template.fromStack(existingStack());
  const { Properties } = resourceOf(deployed, 'AWS::Lambda::Function', part);
  const variables = Object.entries(Properties.Environment.Variables as Record<string, unknown>);
  return Object.fromEntries(
    variables.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
