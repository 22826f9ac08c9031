import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { LoadFailure } from '#shared/domain/failure.ts';
import { IllegalStateChange } from '#shared/domain/job-state.ts';
import { OutcomeUnknown } from '#shared/store/tables.ts';
import { UnreadableJob } from '#shared/store/unreadable-job.ts';
import { answer } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { ApiProblem } from './problem.ts';
import { problemView, viewProblem } from './views/problem-view.ts';

const RETRY_AFTER_SECONDS = '5';

type Middleware = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** Every error becomes problem details; what nobody foresaw is logged and not told to the caller. */
export function problemAnswers({ log }: Pick<ApiDeps, 'log'>): Middleware {
  return {
    onError: ({ event, error }) => {
      const problem = asProblem(error);
      const { requestId } = event.requestContext;
      if (problem.status >= 500) log('request failed', { requestId, error: traceOf(error) });
      const { statusCode, headers, body } = answer(
        problemView,
        viewProblem(problem, { path: event.rawPath, requestId }),
        {
          status: problem.status,
          headers: { ...problem.headers, 'content-type': 'application/problem+json' },
        },
      );
      return { statusCode, headers, body };
    },
  };
}

function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof IllegalStateChange) {
    return new ApiProblem('ILLEGAL_STATE_CHANGE', error.message, { cause: error });
  }
  if (error instanceof UnreadableJob) {
    const { message, jobId } = error;
    return new ApiProblem('JOB_UNREADABLE', message, { jobId, cause: error });
  }
  const headers = { 'retry-after': RETRY_AFTER_SECONDS };
  if (error instanceof OutcomeUnknown) {
    const detail = 'the store did not say whether the request took effect; look, or repeat it';
    return new ApiProblem('STORE_UNAVAILABLE', detail, { headers, cause: error });
  }
  if (error instanceof LoadFailure && error.code === 'STORE_UNAVAILABLE') {
    const detail = 'the store does not answer; repeat the request';
    return new ApiProblem('STORE_UNAVAILABLE', detail, { headers, cause: error });
  }
  const detail = 'an unexpected error; those who run this installation find it by the request id';
  return new ApiProblem('INTERNAL', detail, { cause: error });
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${traceOf(error.cause)}`;
}
