import { Template } from 'aws-cdk-lib/assertions';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AccessPoint, FileSystem } from 'aws-cdk-lib/aws-efs';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { readInstallationContext } from '../../infra/settings/installation-context.ts';
import { EXISTING, installation, resourceOf, resourcesOf } from '../support/stacks.ts';

const loaderOf = (template: Template) =>
  resourceOf(template, 'AWS::Lambda::Function', 'LoaderTask').Properties;

describe('an installation', () => {
  it('loads into files through an access point, and through it alone', () => {
    const { stack } = installation((scope) => ({
      accessPoint: AccessPoint.fromAccessPointAttributes(scope, 'Files', {
        accessPointId: 'fsap-0123456789abcdef0',
        fileSystem: FileSystem.fromFileSystemAttributes(scope, 'FileSystem', {
          fileSystemId: 'fs-0123abcd',
          securityGroup: SecurityGroup.fromSecurityGroupId(scope, 'FileGroup', 'sg-1123abcd'),
        }),
      }),
    }));
    const template = Template.fromStack(stack);
    const loader = loaderOf(template);
    const rights = JSON.stringify(
      resourceOf(template, 'AWS::IAM::ManagedPolicy', 'LoaderTask').Properties.PolicyDocument,
    );

    expect(loader.FileSystemConfigs[0].LocalMountPath).toBe('/mnt/tables');
    expect(loader.Environment.Variables.FILE_DIRECTORIES).toBe('/mnt/tables');
    expect(rights).toContain('elasticfilesystem:ClientWrite');
    expect(rights).toContain('elasticfilesystem:AccessPointArn');
  });

  it('runs on x64, measures each job, and tells topics and buses of others', () => {
    const { stack } = installation((scope) => ({
      architecture: Architecture.X86_64,
      metricsPerJob: true,
      alarms: { topic: Topic.fromTopicArn(scope, 'Ops', 'arn:aws:sns:us-east-1:111111111111:ops') },
      eventBus: EventBus.fromEventBusArn(
        scope,
        'Bus',
        'arn:aws:events:us-east-1:111111111111:event-bus/ops',
      ),
    }));
    const template = Template.fromStack(stack);
    const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'));

    expect(loaderOf(template).Architectures).toEqual(['x86_64']);
    expect(loaderOf(template).Environment.Variables.METRICS_PER_JOB).toBe('true');
    expect(resourcesOf(template, 'AWS::SNS::Topic')).toEqual({});
    for (const { Properties } of alarms) {
      expect(Properties.AlarmActions).toEqual(['arn:aws:sns:us-east-1:111111111111:ops']);
    }
    expect(resourceOf(template, 'AWS::Pipes::Pipe', 'HistoryEvents').Properties.Target).toBe(
      'arn:aws:events:us-east-1:111111111111:event-bus/ops',
    );
  });

  it('loads from a second cluster, and reaches a warehouse that it is let to', () => {
    const { stack, routineLoad } = installation(() => ({
      allowedDestinations: ['*.doris.internal'],
    }));
    routineLoad.allowCluster({
      clusterArn: 'arn:aws:kafka:us-east-1:111111111111:cluster/other/1a1b2c3d-3',
      securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Others', 'sg-2123abcd')],
      ports: [9094],
      topics: ['orders', 'flights-*'],
    });
    const doris = SecurityGroup.fromSecurityGroupId(stack, 'Doris', 'sg-3123abcd');
    routineLoad.connections.allowTo(doris, Port.tcp(8030));
    const template = Template.fromStack(stack);
    const rights = JSON.stringify(
      resourceOf(template, 'AWS::IAM::ManagedPolicy', 'LoaderTask').Properties.PolicyDocument,
    );
    const ways = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress')).map(
      ({ Properties }) => `${Properties.DestinationSecurityGroupId}:${Properties.FromPort}`,
    );

    expect(loaderOf(template).Environment.Variables.ALLOWED_DESTINATIONS).toBe('*.doris.internal');
    expect(rights).toContain(':topic/other/1a1b2c3d-3/orders"');
    expect(rights).toContain(':topic/other/1a1b2c3d-3/flights-*"');
    expect(ways).toEqual(
      expect.arrayContaining(['sg-0123abcd:9098', 'sg-2123abcd:9094', 'sg-3123abcd:8030']),
    );
  });

  it('reads schemas of AWS Glue and of the registries that it is told, and of none before', () => {
    const plain = Template.fromStack(installation().stack);
    const { stack } = installation(() => ({
      schemaRegistries: { hosts: ['schemas.internal'], glue: true },
    }));
    const template = Template.fromStack(stack);
    const rightsOf = (of: Template) =>
      JSON.stringify(resourceOf(of, 'AWS::IAM::ManagedPolicy', 'LoaderTask').Properties);
    const services = Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint')).map(
      ({ Properties }) => JSON.stringify(Properties.ServiceName),
    );

    expect(loaderOf(plain).Environment.Variables.ALLOWED_REGISTRIES).toBe('none.invalid');
    expect(rightsOf(plain)).not.toContain('glue:');
    expect(loaderOf(template).Environment.Variables.ALLOWED_REGISTRIES).toBe('schemas.internal');
    expect(rightsOf(template)).toContain('"glue:GetSchemaVersion"');
    expect(services.some((name) => name.includes('glue'))).toBe(true);
  });

  it('commits to Iceberg tables of the databases and table buckets that it is told, and of none before', () => {
    const bucket = 'arn:aws:s3tables:us-east-1:111111111111:bucket/lake';
    const plain = Template.fromStack(installation().stack);
    const { stack } = installation(() => ({
      icebergCatalogs: { glueDatabases: ['air'], tableBuckets: [bucket] },
    }));
    const template = Template.fromStack(stack);
    const rightsOf = (of: Template) =>
      JSON.stringify(resourceOf(of, 'AWS::IAM::ManagedPolicy', 'LoaderTask').Properties);
    const services = Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint')).map(
      ({ Properties }) => JSON.stringify(Properties.ServiceName),
    );

    expect(rightsOf(plain)).not.toMatch(/glue:|s3tables:/);
    expect(loaderOf(template).Environment.Variables.ALLOWED_DESTINATIONS).toBe(
      'glue.us-east-1.amazonaws.com,s3tables.us-east-1.amazonaws.com',
    );
    expect(rightsOf(template)).toContain('"glue:UpdateTable"');
    expect(rightsOf(template)).toContain(':table/air/*"');
    expect(rightsOf(template)).toContain(`"${bucket}/table/*"`);
    expect(rightsOf(template)).not.toMatch(/:(Delete|Create)(Table|Object)/);
    expect(services.some((name) => name.includes('glue'))).toBe(true);
    expect(services.some((name) => name.includes('s3tables'))).toBe(true);
  });

  it('is measured by metrics that others can use', () => {
    const { stack, routineLoad } = installation();

    const metric = routineLoad.metric('LagRecords', { statistic: 'Maximum' });
    expect(stack.resolve(metric.dimensions)).toEqual({ service: 'scheduler' });
    expect(metric.statistic).toBe('Maximum');
  });
});

describe('the context of an installation', () => {
  it('is refused with all its faults at once', () => {
    const faulty = { ...EXISTING, vpcId: 'my-vpc', capacity: 0, typo: true };

    expect(() => readInstallationContext(faulty)).toThrow(
      /installation\.vpcId: must be an id like vpc-0123abcd.*installation\.capacity.*typo/s,
    );
  });

  it('is taken as it is when it is right', () => {
    expect(readInstallationContext(EXISTING)).toEqual(EXISTING);
  });
});
