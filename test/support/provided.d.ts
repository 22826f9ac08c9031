import 'vitest';

declare module 'vitest' {
  /** What global setups hand to tests: `inject('kafkaBrokers')`. */
  interface ProvidedContext {
    /** Where apps of the CDK put their output; removed when the tests are over. */
    cdkFolder: string;
    /** `host:port` of a running Apache Kafka 3.9 without authentication. */
    kafkaBrokers: string[];
    /** URL of a running DynamoDB Local, shared: every test makes tables of its own. */
    dynamodbEndpoint: string;
  }
}
