import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import type { DataSet } from './data-sets.ts';

/** The job that loads a data set's topic, as a user would write it. */
export function jobSpecOf(dataSet: DataSet, topic: string, brokers: string[]): JobSpecInput {
  const { columns, where, types } = dataSet.mapping ?? {};
  return {
    name: dataSet.name,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    format: dataSet.format,
    ...(dataSet.columns && dataSet.format.type === 'json'
      ? { columns: dataSet.columns.join(', ') }
      : {}),
    ...(columns && { columns }),
    ...(where && { where }),
    ...(types && { types }),
    destination: {
      file: {
        table: dataSet.name,
        format: dataSet.tableFormat,
        // By these two the verification knows which record a row came from.
        metadata: ['_partition', '_offset'],
      },
    },
    // Below all the lanes that a machine has room for: the user's own jobs want some, too.
    desiredConcurrency: 4,
  };
}
