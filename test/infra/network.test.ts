import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { exampleStack, existingStack, type Resource, resourcesOf } from '../support/stacks.ts';

const values = (record: Record<string, Resource>) =>
  Object.values(record).map(({ Properties }) => Properties);

function waysOut(template: Template) {
  const inline = values(resourcesOf(template, 'AWS::EC2::SecurityGroup'))
    .filter(({ GroupDescription }) => GroupDescription.includes('scheduler and loaders'))
    .flatMap(({ SecurityGroupEgress = [] }) => SecurityGroupEgress);
  return [...inline, ...values(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress'))];
}

describe('the network', () => {
  it('leads to the brokers and the endpoints, and with prefix lists to no address at all', () => {
    const template = Template.fromStack(
      existingStack({ prefixLists: { dynamodb: 'pl-0123abcd', s3: 'pl-1123abcd' } }),
    );
    const out = waysOut(template);

    expect(out.filter(({ CidrIp, CidrIpv6 }) => CidrIp || CidrIpv6)).toEqual([]);
    expect(out.map(({ FromPort }) => FromPort).sort()).toEqual([443, 443, 443, 9098]);
    expect(
      out.map(({ DestinationPrefixListId }) => DestinationPrefixListId).filter(Boolean),
    ).toEqual(['pl-0123abcd', 'pl-1123abcd']);
    expect(out).toContainEqual(
      expect.objectContaining({ DestinationSecurityGroupId: 'sg-0123abcd', FromPort: 9098 }),
    );
  });

  it('opens HTTPS alone where no prefix lists are given', () => {
    const open = waysOut(Template.fromStack(existingStack())).filter(({ CidrIp }) => CidrIp);

    expect(open).toMatchObject([{ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 }]);
  });

  it('lets the functions in at the brokers', () => {
    const ingress = values(
      resourcesOf(Template.fromStack(existingStack()), 'AWS::EC2::SecurityGroupIngress'),
    );

    expect(ingress).toContainEqual(
      expect.objectContaining({ GroupId: 'sg-0123abcd', FromPort: 9098, ToPort: 9098 }),
    );
  });

  it('makes the endpoints that are needed, and none that are there', () => {
    const services = (template: Template) =>
      values(resourcesOf(template, 'AWS::EC2::VPCEndpoint'))
        .map(({ ServiceName }) => JSON.stringify(ServiceName).match(/\.(\w+)"/)?.[1])
        .sort();

    expect(services(Template.fromStack(existingStack()))).toEqual(['dynamodb', 'kafka', 's3']);
    expect(services(Template.fromStack(existingStack({ secretsPrefix: 'AmazonMSK_' })))).toEqual([
      'dynamodb',
      'kafka',
      's3',
      'secretsmanager',
    ]);
    const endpoints = { dynamodb: false, s3: false, msk: false };
    expect(services(Template.fromStack(existingStack({ endpoints })))).toEqual([]);
  });

  it('of a first try has no way to the internet', () => {
    const example = Template.fromStack(exampleStack());

    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway']) {
      expect(resourcesOf(example, type)).toEqual({});
    }
  });

  it('of a first try has brokers that serve readers in their own zone', () => {
    const [configuration] = values(
      resourcesOf(Template.fromStack(exampleStack()), 'AWS::MSK::Configuration'),
    );

    expect(
      configuration.ServerProperties['Fn::Base64'] ?? configuration.ServerProperties,
    ).toContain('RackAwareReplicaSelector');
  });
});
