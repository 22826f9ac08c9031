import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { AssetHashType, DockerImage, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  type IManagedPolicy,
  ManagedPolicy,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  ApplicationLogLevel,
  Architecture,
  AssetCode,
  type FunctionOptions,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

import { Construct } from 'constructs';
import { PROJECT_ROOT } from '../bundle/project-root.ts';
import { FUNCTION_LIMITS, type FunctionName } from '../settings/functions.ts';
import { acknowledge } from './acknowledge.ts';

const BUNDLE_COMMAND = join(PROJECT_ROOT, 'infra/bundle/bundle-command.ts');

/** What the functions of an installation share. */
export interface FunctionSurroundings {
  readonly key: IKey;
  readonly tracing: IManagedPolicy;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays | undefined;
  /** @default Architecture.ARM_64 */
  readonly architecture?: Architecture | undefined;
}

/** Where in a VPC a function runs. */
export interface Placement {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroups: ISecurityGroup[];
  /** What Lambda needs to put it there. */
  readonly networkInterfaces: IManagedPolicy;
}

/** What one function needs. */
export interface BundledFunctionProps
  extends Pick<
    FunctionOptions,
    | 'description'
    | 'reservedConcurrentExecutions'
    | 'filesystem'
    | 'ephemeralStorageSize'
    | 'recursiveLoop'
    | 'retryAttempts'
    | 'maxEventAge'
    | 'onFailure'
  > {
  readonly name: FunctionName;
  readonly surroundings: FunctionSurroundings;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  /** @default outside of any VPC */
  readonly placement?: Placement | undefined;
}

/**
 * A function as this house makes them: `functions/<name>/handler.ts` as an ES module with its chunks, arm64, current Node, a
 * role of its own whose rights are all written down in `permissions`, a log group that forgets, traces.
 *
 * The role takes no grants from CDK's own constructs: whoever needs a right adds it to `permissions`.
 */
export class BundledFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly permissions: ManagedPolicy;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const { name, surroundings, environment, statements, placement, ...options } = props;
    const { key, tracing } = surroundings;
    const architecture = surroundings.architecture ?? Architecture.ARM_64;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: surroundings.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.permissions = new ManagedPolicy(this, 'Permissions', { statements: [...statements] });
    this.logGroup.grantWrite(this.permissions);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [
        this.permissions,
        tracing,
        ...(placement ? [placement.networkInterfaces] : []),
      ],
    });
    this.lambda = new LambdaFunction(this, 'Function', {
      ...options,
      ...(placement && {
        vpc: placement.vpc,
        vpcSubnets: placement.vpcSubnets,
        securityGroups: placement.securityGroups,
      }),
      role: role.withoutPolicyUpdates(),
      runtime: Runtime.NODEJS_24_X,
      architecture,
      handler: 'index.handler',
      code: bundledCode(name, architecture),
      timeout: Duration.millis(FUNCTION_LIMITS[name].timeoutMs),
      memorySize: FUNCTION_LIMITS[name].memoryMb,
      environment: { NODE_OPTIONS: '--enable-source-maps', ...environment },
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      // With the reports of memory and time, which the runbook asks for.
      systemLogLevelV2: SystemLogLevel.INFO,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      tracing: Tracing.ACTIVE,
    });
    if (props.onFailure) {
      acknowledge(this, {
        rules: ['Serverless-LambdaDLQ', 'NIST.800.53.R5-LambdaDLQ'],
        reason:
          'its destination for failures is the newer form, which keeps the answer beside the event',
      });
    }
  }
}

/** Bundled by esbuild on this machine; no Docker. Stacks named out by `aws:cdk:bundling-stacks` are not bundled. */
function bundledCode(name: FunctionName, architecture: Architecture): AssetCode {
  const processor = architecture === Architecture.ARM_64 ? 'arm64' : 'x64';
  return new AssetCode(PROJECT_ROOT, {
    // What counts is what came out, and the sources' folder holds node_modules.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('not-used'),
      // Never run, but what CDK tells bundles of one folder apart by.
      command: [name, processor],
      local: {
        tryBundle(directory) {
          // CDK waits for nothing, and plugins of esbuild want to be waited for.
          execFileSync(process.execPath, [BUNDLE_COMMAND, name, directory, processor]);
          return true;
        },
      },
    },
  });
}
