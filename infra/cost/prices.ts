/**
 * On-demand prices of AWS in us-east-1, in dollars, as published in 2025 and 2026; docs/cost.md has the
 * sources. Other regions differ by some percent, and the free tiers are left out.
 */
export const PRICES = {
  /** A GB-second of Lambda on arm64. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2e-6,
  /** DynamoDB on demand, since November 2024. */
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  /** EventBridge Pipes, a record after the filter. */
  pipeRequest: 0.4e-6,
  schedulerInvocation: 1e-6,
  /** Between zones, both directions together. */
  crossZoneGb: 0.02,
  s3Request: 5e-6,
  /** A processed GB through an interface endpoint, and through a NAT gateway. */
  endpointGb: 0.01,
  natGb: 0.045,
  endpointZoneMonth: 7.3,
  logsGb: 0.5,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  keyMonth: 1,
} as const;

/** Hours and minutes of a month as AWS bills it. */
export const MONTH = { hours: 730, minutes: 43_800, days: 30.4 } as const;
