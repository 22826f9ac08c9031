import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  type HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Grant, type IGrantable, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routes } from '../../functions/api/routes/all.ts';
import { API_SCOPES, type ApiScope, acceptedScopes, scopeOf } from '../settings/api-scopes.ts';
import { acknowledge } from './acknowledge.ts';
import { BundledFunction, type FunctionSurroundings } from './bundled-function.ts';

/** People and services that show a JSON Web Token instead of an IAM signature. */
export interface JwtProps {
  /** e.g. `https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abc` */
  readonly issuer: string;
  readonly audience: string[];
}

/** How the API is guarded. */
export interface ApiOptions {
  /**
   * Tokens with the scopes `routineload/read`, `routineload/write` and `routineload/admin`.
   *
   * @default IAM: requests are signed, and `grantRead` and `grantManage` say by whom
   */
  readonly jwt?: JwtProps | undefined;
  /** Requests a second, over all callers. @default 50 */
  readonly rateLimit?: number | undefined;
  /** Requests at once. @default 100 */
  readonly burstLimit?: number | undefined;
}

/** What the API needs. */
export interface ApiProps extends ApiOptions {
  readonly surroundings: FunctionSurroundings;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
}

/** API requests are short; this many at once are far above the throttle. */
const CONCURRENCY = 20;

/** Previews are made by loaders, beside the tasks of jobs, and each takes one for seconds. */
const PREVIEW_THROTTLE = { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 5 };
const ASKS_FOR_PREVIEW = /^POST \/(.+\/preview|previews)$/;

/** API Gateway and the function behind it, which is outside the VPC: it talks to DynamoDB alone. */
export class Api extends Construct {
  readonly function: BundledFunction;
  readonly http: HttpApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    const { surroundings, environment, statements } = props;
    this.function = new BundledFunction(this, 'Jobs', {
      name: 'api',
      description: 'Routine Load: jobs over HTTP',
      surroundings,
      environment,
      statements,
      reservedConcurrentExecutions: CONCURRENCY,
    });
    acknowledge(this.function, {
      rules: ['Serverless-LambdaDLQ', 'NIST.800.53.R5-LambdaDLQ'],
      reason:
        'API Gateway waits for its answer: there is no event to lose, and callers see the error',
    });
    acknowledge(this.function, {
      rules: ['NIST.800.53.R5-LambdaInsideVPC'],
      reason:
        'it talks to DynamoDB alone, with its own rights; in a VPC it could reach the brokers',
    });
    this.http = new HttpApi(this, 'Http', {
      apiName: Stack.of(this).stackName,
      description: 'Routine Load: jobs',
      createDefaultStage: false,
    });
    const added = this.#addRoutes(props);
    this.stage = this.#addStage(props);
    this.#throttlePreviews(added);
  }

  /** The address that paths such as `/jobs` come behind. */
  get url(): string {
    return this.stage.url;
  }

  /** Lets `grantee` send the requests of a scope and of those below it. For IAM only: tokens carry their scopes. */
  grant(grantee: IGrantable, scope: ApiScope): Grant {
    const granted = API_SCOPES.slice(0, API_SCOPES.indexOf(scope) + 1);
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: routes
        .filter((route) => granted.includes(scopeOf(route)))
        .map(({ method, path }) => this.#arnOf(method, path)),
    });
  }

  /** A part in braces stands for any one part. */
  #arnOf(method: string, path: string): string {
    const pattern = path.replace(/\{[^}]+\}/g, '*');
    return this.http.arnForExecuteApi(method, pattern, this.stage.stageName);
  }

  /** Counting the previews that are alive would cost each request more than this does. */
  #throttlePreviews(added: readonly HttpRoute[]): void {
    const keys = routes.map(({ method, path }) => `${method} ${path}`);
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage)) return;
    stage.routeSettings = Object.fromEntries(
      keys
        .filter((key) => ASKS_FOR_PREVIEW.test(key))
        .map((key) => [key, { ...PREVIEW_THROTTLE, DetailedMetricsEnabled: true }]),
    );
    // A stage with settings of a route that is not there yet is refused.
    this.stage.node.addDependency(...added);
  }

  #addRoutes({ jwt }: ApiOptions): HttpRoute[] {
    const integration = new HttpLambdaIntegration('Integration', this.function.lambda);
    const authorizer: IHttpRouteAuthorizer = jwt
      ? new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: jwt.audience })
      : new HttpIamAuthorizer();
    return routes.flatMap((route) =>
      this.http.addRoutes({
        path: route.path,
        methods: [HttpMethod[route.method]],
        integration,
        authorizer,
        ...(jwt && { authorizationScopes: acceptedScopes(route) }),
      }),
    );
  }

  #addStage({ surroundings, rateLimit = 50, burstLimit = 100 }: ApiProps): HttpStage {
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: surroundings.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: surroundings.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return this.http.addStage('Stage', {
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit, burstLimit },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        format: ACCESS_LOG,
      },
    });
  }
}

/** Who asked for what, when, and how it ended; no header and no body, where secrets could be. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTimeEpoch',
    caller: '$context.identity.userArn',
    subject: '$context.authorizer.claims.sub',
    ip: '$context.identity.sourceIp',
    method: '$context.httpMethod',
    path: '$context.path',
    status: '$context.status',
    latencyMs: '$context.responseLatency',
    error: '$context.error.message',
  }),
);
