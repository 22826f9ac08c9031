import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { FUNCTION_LIMITS, FUNCTION_NAMES } from '../../infra/settings/functions.ts';
import { readInstallationContext } from '../../infra/settings/installation-context.ts';
import type { RoutineLoadStack } from '../../infra/stacks/routine-load-stack.ts';
import { EXISTING, existingStack, resourceOf, resourcesOf } from '../support/stacks.ts';

const template = Template.fromStack(existingStack({ capacity: 40 }));
const PART = { scheduler: 'SchedulerCycle', loader: 'LoaderTask', api: 'ApiJobs' } as const;
const lambda = (name: keyof typeof PART) =>
  resourceOf(template, 'AWS::Lambda::Function', PART[name]).Properties;
const invocation = (name: 'SchedulerCycle' | 'LoaderTask') =>
  resourceOf(template, 'AWS::Lambda::EventInvokeConfig', name).Properties;

describe('the functions', () => {
  it.each(FUNCTION_NAMES)(
    '%s: Node 24 on arm64, with the limits that one machine has too',
    (name) => {
      const properties = lambda(name);

      expect(properties.Runtime).toBe('nodejs24.x');
      expect(properties.Architectures).toEqual(['arm64']);
      expect(properties.Handler).toBe('index.handler');
      expect(properties.Timeout * 1_000).toBe(FUNCTION_LIMITS[name].timeoutMs);
      expect(properties.MemorySize).toBe(FUNCTION_LIMITS[name].memoryMb);
      expect(properties.Environment.Variables.NODE_OPTIONS).toBe('--enable-source-maps');
      expect(properties.TracingConfig).toEqual({ Mode: 'Active' });
      expect(properties.LoggingConfig.LogFormat).toBe('JSON');
    },
  );

  it('have logs that are encrypted and forget', () => {
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::Logs::LogGroup'))) {
      expect(Properties.RetentionInDays).toBe(30);
      expect(Properties.KmsKeyId).toBeDefined();
    }
  });

  it('are throttled where it counts: the loader to the capacity', () => {
    expect(lambda('loader').ReservedConcurrentExecutions).toBe(40);
    expect(lambda('scheduler').Environment.Variables.CAPACITY).toBe('40');
    expect(lambda('scheduler').ReservedConcurrentExecutions).toBe(2);
  });

  it('run in the VPC where they talk to Kafka, and outside where they do not', () => {
    expect(lambda('scheduler').VpcConfig.SubnetIds).toEqual(['subnet-0123abcd', 'subnet-1123abcd']);
    expect(lambda('loader').VpcConfig.SubnetIds).toEqual(['subnet-0123abcd', 'subnet-1123abcd']);
    expect(lambda('api').VpcConfig).toBeUndefined();
  });

  it('are never repeated by Lambda: leases and cycles are the retry', () => {
    expect(invocation('LoaderTask')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 120,
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
    expect(invocation('SchedulerCycle')).toMatchObject({
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('have room for the slices of jobs with a mapping', () => {
    expect(lambda('loader').EphemeralStorage).toEqual({ Size: 4_096 });
  });

  it('F12: may start each other through the table without end', () => {
    expect(lambda('loader').RecursiveLoop).toBe('Allow');
  });

  it('allow only brokers of Amazon MSK in the region, and no warehouse, until told', () => {
    const { ALLOWED_BROKERS, ALLOWED_DESTINATIONS } = lambda('loader').Environment.Variables;

    expect(ALLOWED_BROKERS).toBe(
      '*.kafka.us-east-1.amazonaws.com,*.kafka-serverless.us-east-1.amazonaws.com',
    );
    expect(ALLOWED_DESTINATIONS).toBe('none.invalid');
  });

  it('allow brokers by the names that they have in China, and others that the context names', () => {
    const brokersOf = (stack: RoutineLoadStack) =>
      resourceOf(Template.fromStack(stack), 'AWS::Lambda::Function', 'LoaderTask').Properties
        .Environment.Variables.ALLOWED_BROKERS;

    expect(brokersOf(existingStack({}, { region: 'cn-north-1' }))).toBe(
      '*.kafka.cn-north-1.amazonaws.com.cn,*.kafka-serverless.cn-north-1.amazonaws.com.cn',
    );
    const { allowedBrokers } = readInstallationContext({
      ...EXISTING,
      allowedBrokers: ['*.kafka.example.com', 'b-1.example.com'],
    });
    expect(brokersOf(existingStack({ allowedBrokers }))).toBe(
      '*.kafka.example.com,b-1.example.com',
    );
  });
});
