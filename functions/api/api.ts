import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ApiDeps } from './deps.ts';
import { findRoute } from './find-route.ts';
import { problemAnswers } from './problem-answers.ts';
import { toRequest } from './request.ts';
import { routes } from './routes/all.ts';

/** The API as a Lambda handler for API Gateway's HTTP API, payload 2.0. It answers every event, and throws never. */
export function makeApi(deps: ApiDeps) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(problemAnswers(deps))
    .handler(async (event) => {
      const request = toRequest(event);
      const { route, parameters } = findRoute(routes, request);
      return route.run(deps, { ...request, parameters });
    });
}
