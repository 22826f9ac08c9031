import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import { routes } from '../../functions/api/routes/all.ts';
import { scopeOf } from '../../infra/settings/api-scopes.ts';
import { existingStack, installation, resourceOf, resourcesOf } from '../support/stacks.ts';

const template = Template.fromStack(existingStack());

describe('the API', () => {
  it('has the routes that the function answers, each behind IAM', () => {
    const made = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route'));

    expect(made.map(({ Properties }) => Properties.RouteKey).sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path}`).sort(),
    );
    for (const { Properties } of made) expect(Properties.AuthorizationType).toBe('AWS_IAM');
  });

  it('hands over payload 2.0, throttles, and writes down who asked for what', () => {
    const integration = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Integration'))[0];
    const stage = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Stage'))[0];

    expect(integration?.Properties.PayloadFormatVersion).toBe('2.0');
    expect(stage?.Properties.DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
    expect(stage?.Properties.RouteSettings).toEqual(
      Object.fromEntries(
        ['POST /previews', 'POST /jobs/{job}/preview'].map((key) => [
          key,
          { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 5, DetailedMetricsEnabled: true },
        ]),
      ),
    );
    const [found] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
    expect(found?.DependsOn).toEqual(
      expect.arrayContaining(Object.keys(resourcesOf(template, 'AWS::ApiGatewayV2::Route'))),
    );
    const format = JSON.parse(stage?.Properties.AccessLogSettings.Format);
    expect(Object.keys(format)).toEqual(
      expect.arrayContaining(['caller', 'method', 'path', 'status']),
    );
    expect(JSON.stringify(format)).not.toMatch(/header|body|authorization"/i);
  });

  it('takes tokens instead, with a scope for each route', () => {
    const { stack } = installation(() => ({
      api: { jwt: { issuer: 'https://issuer.example.com', audience: ['routine-load'] } },
    }));
    const withTokens = Template.fromStack(stack);

    for (const { Properties } of Object.values(
      resourcesOf(withTokens, 'AWS::ApiGatewayV2::Route'),
    )) {
      const [method, path] = Properties.RouteKey.split(' ');
      const least = `routineload/${scopeOf({ method, path })}`;
      expect(Properties.AuthorizationType).toBe('JWT');
      expect(Properties.AuthorizationScopes[0]).toBe(least);
      expect(Properties.AuthorizationScopes.at(-1)).toBe('routineload/admin');
    }
  });

  it('asks for the least scope that fits: what cannot be taken back is for admins', () => {
    const scopes = Object.fromEntries(
      routes.map((route) => [`${route.method} ${route.path}`, scopeOf(route)]),
    );

    expect(scopes).toMatchObject({
      'GET /jobs/{job}': 'read',
      'POST /jobs': 'write',
      'POST /jobs/{job}/pause': 'write',
      'POST /jobs/{job}/resume': 'write',
      'POST /previews': 'write',
      'POST /jobs/{job}/preview': 'write',
      'PATCH /jobs/{job}': 'admin',
      'POST /jobs/{job}/stop': 'admin',
    });
    expect(scopeOf({ method: 'POST', path: '/something/new' })).toBe('admin');
  });

  it('is opened by grants: reading sends nothing but GET, managing every request', () => {
    const { stack, routineLoad } = installation();
    const principal = new ServicePrincipal('ec2.amazonaws.com');
    routineLoad.grantRead(new Role(stack, 'Reader', { assumedBy: principal }));
    routineLoad.grantManage(new Role(stack, 'Manager', { assumedBy: principal }));
    const granted = Template.fromStack(stack);
    const resources = (part: string) =>
      JSON.stringify(resourceOf(granted, 'AWS::IAM::Policy', part).Properties.PolicyDocument);

    expect(resources('Reader')).toMatch(/\/GET\/jobs\//);
    expect(resources('Reader')).not.toMatch(/default\/(?!GET\/)/);
    expect(resources('Manager')).toMatch(/\/POST\/jobs\/\*\/stop/);
  });
});
