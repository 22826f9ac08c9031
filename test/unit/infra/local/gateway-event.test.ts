import { describe, expect, it } from 'vitest';
import { type HttpRequest, toGatewayEvent } from '../../../../infra/local/gateway-event.ts';

const request: HttpRequest = {
  method: 'POST',
  target: '/jobs/my%20job/pause?state=RUNNING&state=PAUSED&name=a%26b',
  headers: {
    Host: ['127.0.0.1:4000'],
    'content-type': ['application/json'],
    'x-many': ['1', '2'],
    cookie: ['a=1; b=2'],
    'user-agent': ['curl/8'],
  },
  body: Buffer.from('{"ä":1}'),
  sourceIp: '127.0.0.1',
  requestId: 'r-1',
  now: Date.UTC(2026, 10, 22, 12, 20, 5),
};

describe('the event of API Gateway, payload 2.0', () => {
  it('has path, query, headers, cookies and body in the places where the real one has them', () => {
    expect(toGatewayEvent(request)).toMatchObject({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/jobs/my job/pause',
      rawQueryString: 'state=RUNNING&state=PAUSED&name=a%26b',
      queryStringParameters: { state: 'RUNNING,PAUSED', name: 'a&b' },
      headers: { host: '127.0.0.1:4000', 'x-many': '1,2', 'content-type': 'application/json' },
      cookies: ['a=1', 'b=2'],
      body: '{"ä":1}',
      isBase64Encoded: false,
      requestContext: {
        http: { method: 'POST', path: '/jobs/my job/pause', sourceIp: '127.0.0.1' },
        requestId: 'r-1',
        time: '22/Nov/2026:12:20:05 +0000',
        timeEpoch: Date.UTC(2026, 10, 22, 12, 20, 5),
      },
    });
  });

  it('names a stand-in caller, for there is no IAM on one machine', () => {
    expect(toGatewayEvent(request).requestContext.authorizer.iam.userArn).toBe(
      'arn:aws:iam::000000000000:user/local',
    );
  });

  it('carries a body that is not text in base64', () => {
    const event = toGatewayEvent({
      ...request,
      headers: { 'content-type': ['application/octet-stream'] },
      body: Buffer.from([0xff, 0x00]),
    });
    expect(event).toMatchObject({ isBase64Encoded: true, body: '/wA=' });
  });

  it('takes problem JSON and a body without a type for text', () => {
    for (const headers of [{ 'content-type': ['application/problem+json'] }, {}]) {
      expect(toGatewayEvent({ ...request, headers }).isBase64Encoded).toBe(false);
    }
  });

  it('leaves body, cookies and parameters out when there are none, and a broken path as it came', () => {
    const event = toGatewayEvent({
      ...request,
      target: '/jobs/%zz',
      headers: {},
      body: Buffer.alloc(0),
    });
    expect(event.rawPath).toBe('/jobs/%zz');
    expect(Object.keys(event)).not.toEqual(
      expect.arrayContaining(['body', 'cookies', 'queryStringParameters']),
    );
  });
});
