import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchMapping } from '../contenders.ts';
import type { BenchTopic } from '../topics.ts';

/** The product, or something public that does a part of its work. */
export type Contender = 'routine-load' | 'kafkajs' | 'upload' | 'put' | 'duckdb';

/** One measurement: the whole topic, or the file with the same lines, once. */
export interface Measurement {
  readonly contender: Contender;
  readonly brokers: string[];
  readonly dynamodb: string;
  readonly topic: BenchTopic;
  /** A small one, read before. */
  readonly warmUp: BenchTopic;
  readonly warmUpDirectory: string;
  /** Where files go. */
  readonly directory: string;
  readonly mapping: BenchMapping;
  /** Of a slice. */
  readonly maxBytes: number;
  readonly s3Endpoint: string;
  /** `host:port` of a backend that takes a Stream Load, and `user:password`. */
  readonly backend: string;
  readonly login: string;
  /** The topic's lines. */
  readonly file: string;
  readonly zstd: boolean;
}

/** What it came to. */
export interface Measured {
  readonly seconds: number;
  readonly tasks: number;
  /** The process' resident memory at its peak, in MiB. */
  readonly memoryMb: number;
}

const PROCESS = fileURLToPath(new URL('measure.ts', import.meta.url));

/**
 * Runs it in a process of its own.
 *
 * @param environment what that process must know besides ours
 * @throws {Error} with what it said when it fails
 */
export async function measureApart(
  measurement: Measurement,
  environment: Readonly<Record<string, string>>,
): Promise<Measured> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(measurement)], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0)
    throw new Error(`a measurement of ${measurement.contender} failed: ${complained}`);
  return JSON.parse(said) as Measured;
}
