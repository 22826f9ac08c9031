import 'vitest';

declare module 'vitest' {
  /** What the global setup of the integration tests hands to them: `inject('kafkaBrokers')`. */
  interface ProvidedContext {
    /** `host:port` of a running Apache Kafka 3.9 without authentication. */
    kafkaBrokers: string[];
    /** URL of a running DynamoDB Local, shared: every test makes tables of its own. */
    dynamodbEndpoint: string;
  }
}
