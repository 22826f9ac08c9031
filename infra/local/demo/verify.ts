import type { Kafka } from 'kafkajs';
import { isExact, Ledger, type Verdict } from './ledger.ts';
import { contentOfValue, type TableShape } from './row-content.ts';
import { committedFiles, readRows, sizeOf } from './table-files.ts';
import { readTopics, type TopicToRead } from './topic-reader.ts';
import type { LogRanges } from './topics.ts';

/** A topic and a table that it was loaded into. Tables of one topic have the same ranges. */
export interface TableUnderTest {
  readonly name: string;
  readonly topic: string;
  readonly ranges: LogRanges;
  /** Where the table's files lie. */
  readonly directory: string;
  readonly shape: TableShape;
  /** What the job says that it counted. @default nothing */
  readonly counted?: Counted;
}

/** Records without a row. */
interface Counted {
  readonly filtered: number;
  readonly rejected: number;
}

const NOTHING: Counted = { filtered: 0, rejected: 0 };

/** A verdict with what the table consists of. */
export interface TableReport extends Verdict {
  readonly name: string;
  readonly files: number;
  readonly fileBytes: number;
  /** By the job. */
  readonly counted: Counted;
}

/** How to reach the topics, and what is said on the way. */
export interface VerifyOptions {
  readonly kafka: Kafka;
  readonly signal: AbortSignal;
  readonly onStep: (step: string) => void;
}

/**
 * Compares topics with the committed files of their tables, record by record: reads each topic whole,
 * then each file whole, and shares no code with what loaded them.
 *
 * @throws {Error} when a topic cannot be read or a file holds something that is no row
 */
export async function verifyTables(
  tables: readonly TableUnderTest[],
  { kafka, signal, onStep }: VerifyOptions,
): Promise<TableReport[]> {
  const ledgers = new Map(tables.map(({ name, ranges }) => [name, new Ledger(ranges)]));
  onStep('reading the topics whole, with a consumer of its own');
  await readTopics(kafka, topicsOf(tables, ledgers), signal);
  const reports: TableReport[] = [];
  for (const { name, directory, shape, counted = NOTHING } of tables) {
    onStep(`comparing the files of ${name}`);
    const ledger = ledgers.get(name);
    if (!ledger) continue;
    const files = await committedFiles(directory, shape.tableFormat);
    for (const file of files) {
      signal.throwIfAborted();
      await readRows(file, shape.tableFormat, ({ partition, offset, content }) => {
        ledger.meet(partition, offset, content);
      });
    }
    reports.push({
      name,
      files: files.length,
      fileBytes: await sizeOf(files),
      counted,
      ...ledger.verdict(),
    });
  }
  return reports;
}

/** Whether the table is exact, and the job has counted as the verification has. */
export function isAsCounted(report: TableReport): boolean {
  const { counted, filtered } = report;
  return isExact(report) && counted.filtered === filtered && counted.rejected === 0;
}

/** Each topic is read once, for however many tables it was loaded into. */
function topicsOf(
  tables: readonly TableUnderTest[],
  ledgers: ReadonlyMap<string, Ledger>,
): Map<string, TopicToRead> {
  const topics = Map.groupBy(tables, ({ topic }) => topic);
  return new Map(
    [...topics].map(([topic, loaded]) => {
      const onRecord: TopicToRead['onRecord'] = (partition, offset, value) => {
        // A tombstone makes no row: the jobs here leave the policy at its default, skip.
        if (value === null) return;
        for (const { name, shape } of loaded) {
          const content = contentOfValue(shape, value);
          if (content === undefined) ledgers.get(name)?.leaveOut(partition, offset);
          else ledgers.get(name)?.enter(partition, offset, content);
        }
      };
      return [topic, { ranges: loaded[0]?.ranges ?? new Map(), onRecord }];
    }),
  );
}
