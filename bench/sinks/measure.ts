/**
 * One measurement in a process of its own, so that its peak of memory is its own. Started by sinks.ts: the
 * measurement comes as JSON on the command line, what it came to goes as JSON to standard output.
 */
import { makeRoutineLoad, runKafkajs } from '../contenders.ts';
import { makeMeasuredTables } from '../measured-tables.ts';
import type { Measured, Measurement } from './measurement.ts';
import { copyWithDuckDb, putFile, uploadFile } from './yardsticks.ts';

async function measure(given: Measurement): Promise<Omit<Measured, 'memoryMb'>> {
  const { brokers, topic, directory } = given;
  switch (given.contender) {
    case 'routine-load': {
      const { tables } = await makeMeasuredTables(given.dynamodb);
      const product = makeRoutineLoad(tables, { brokers, directory, s3Endpoint: given.s3Endpoint });
      // Compilers, connections and the engine's library: a loader that is warm is what is measured.
      await product.run(given.warmUp, given.maxBytes, given.mapping);
      return product.run(topic, given.maxBytes, given.mapping);
    }
    case 'kafkajs':
      await runKafkajs(brokers, given.warmUp, given.warmUpDirectory);
      return { seconds: await runKafkajs(brokers, topic, directory), tasks: 0 };
    case 'upload':
      return { seconds: await uploadFile(given), tasks: 0 };
    case 'put':
      return { seconds: await putFile(given), tasks: 0 };
    case 'duckdb':
      return { seconds: await copyWithDuckDb(given), tasks: 0 };
  }
}

const measured = await measure(JSON.parse(process.argv[2] ?? '{}') as Measurement);
const memoryMb = process.resourceUsage().maxRSS / 1_024;
process.stdout.write(`${JSON.stringify({ ...measured, memoryMb } satisfies Measured)}\n`, () =>
  process.exit(),
);
