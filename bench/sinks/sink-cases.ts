import { SECRET } from '../../test/support/warehouse/sink-over.ts';
import type { BenchMapping } from '../contenders.ts';
import type { Contender } from './measurement.ts';
import { BUCKET } from './yardsticks.ts';

/** A destination as a job names it, and what it is held against. */
export interface SinkCase {
  readonly name: string;
  readonly mapping: BenchMapping;
  readonly yardstick: Exclude<Contender, 'routine-load'>;
  readonly yardstickName: string;
  /** Of the yardstick. @default false */
  readonly zstd?: boolean;
}

/** Half of the rows, one of the columns computed, all typed. */
const MAPPED: BenchMapping = {
  columns: 'id, code, late = delay > 15, on_time, note',
  where: 'delay < 45',
  types: { id: 'BIGINT', delay: 'INTEGER', on_time: 'BOOLEAN' },
};

const KAFKAJS = { yardstick: 'kafkajs', yardstickName: 'kafkajs, lines to a file' } as const;
const UPLOAD = { yardstick: 'upload', yardstickName: 'bare upload of that file' } as const;
const PUT = { yardstick: 'put', yardstickName: 'bare PUT of that file' } as const;
const DUCKDB = { yardstick: 'duckdb', yardstickName: 'DuckDB on that file' } as const;

/** All that is measured, in the order in which it is printed. */
export function contendersFor(at: {
  readonly s3: string;
  readonly doris: readonly string[];
  readonly starrocks: readonly string[];
}): readonly SinkCase[] {
  const bucket = { bucket: BUCKET, region: 'us-east-1', endpoint: at.s3 };
  const table = { tls: false, database: 'bench', table: 'rows', secretArn: SECRET };
  const warehouse = (name: 'doris' | 'starrocks') => ({
    destination: { [name]: { ...table, frontends: [...at[name]] } },
  });
  return [
    { name: 'file, NDJSON', mapping: { format: 'ndjson' }, ...KAFKAJS },
    {
      name: 'file, CSV',
      mapping: { format: 'csv', columns: 'id, code, delay, on_time, note' },
      ...KAFKAJS,
    },
    { name: 'file, Parquet, mapped', mapping: { ...MAPPED, format: 'parquet' }, ...DUCKDB },
    { name: 'S3, NDJSON', mapping: { destination: { s3: bucket } }, ...UPLOAD },
    {
      name: 'S3, NDJSON, zstd',
      mapping: { destination: { s3: { ...bucket, compression: 'zstd' } } },
      ...UPLOAD,
      zstd: true,
    },
    {
      name: 'S3, Parquet, mapped',
      mapping: { ...MAPPED, destination: { s3: { ...bucket, format: 'parquet' } } },
      ...DUCKDB,
    },
    { name: 'Doris, JSON', mapping: warehouse('doris'), ...PUT },
    { name: 'StarRocks, JSON', mapping: warehouse('starrocks'), ...PUT },
  ];
}
