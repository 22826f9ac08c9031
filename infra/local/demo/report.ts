import { grouped } from '../../../cli/figures.ts';
import { API_PORT } from '../api-port.ts';
import { megabytes, plainTable } from './figures.ts';
import type { LoadOutcome } from './load-watch.ts';
import { isAsCounted, type TableReport } from './verify.ts';

/** The verification as a plain table, faults in words below it, and a sentence that says what it came to. */
export function verificationLines(reports: readonly TableReport[]): string[] {
  const table = plainTable([
    [
      'table',
      'records',
      'files',
      'rows',
      'filtered',
      'rejected',
      'missing',
      'doubled',
      'different',
    ],
    ...reports.map(({ name, records, files, rows, counted, missing, doubled, different }) => [
      name,
      ...[records, files, rows, counted.filtered, counted.rejected].map(grouped),
      ...[missing, doubled, different].map(grouped),
    ]),
  ]);
  const faults = reports.flatMap(({ name, examples }) =>
    examples.map((example) => `  ${name}: ${example}`),
  );
  const exact = reports.every(isAsCounted);
  return [
    ...table,
    ...faults,
    exact
      ? 'verified: every record of every topic is in its table exactly once, or left out by its filter, contents equal'
      : 'NOT EXACT: the tables differ from their topics as shown above',
  ];
}

/** What this run loaded, how fast the largest part of it, and where it is. */
export function summaryLines(
  outcomes: readonly LoadOutcome[],
  reports: readonly TableReport[],
  tablesDirectory: string,
): string[] {
  const fileBytes = reports.reduce((sum, report) => sum + report.fileBytes, 0);
  const files = `files: ${tablesDirectory} (${megabytes(fileBytes)} MB)`;
  const [largest, ...others] = outcomes
    .filter(({ rows }) => rows > 0)
    .toSorted((a, b) => b.rows - a.rows);
  if (!largest) return ['nothing was left to load in this run', files];
  const rest = others.reduce((sum, { rows }) => sum + rows, 0);
  return [
    `loaded ${speedOf(largest)}`,
    ...(rest > 0 ? [`and ${grouped(rest)} rows of the other tables`] : []),
    files,
  ];
}

function speedOf({ name, rows, bytes, tookMs, whileProducing }: LoadOutcome): string {
  const seconds = Math.max(tookMs, 1) / 1_000;
  return (
    `${grouped(rows)} rows of ${name}, ${megabytes(bytes)} MB in ${seconds.toFixed(1)} s: ` +
    `${grouped(rows / seconds)} rows/s, ${megabytes(bytes / seconds)} MB/s` +
    (whileProducing ? ' (while its topic was still being filled)' : '')
  );
}

/** A query and its answer. */
export function queryLines(query: string, answer: readonly (readonly string[])[]): string[] {
  return ['', `DuckDB over Parquet: ${query}`, ...plainTable(answer)];
}

/** How to go on from here by hand. */
export function hintLines(apiUrl: string, brokers: readonly string[], topic: string): string[] {
  const spec = {
    name: 'mine',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: 'mine' } },
  };
  const place = apiUrl.endsWith(`:${API_PORT}`) ? '' : ` --url ${apiUrl}`;
  return [
    `what all jobs do, to look at: ${apiUrl}/`,
    'a job of your own:',
    `  echo '${JSON.stringify(spec)}' | npm run -s jobs -- create -${place}`,
    `  npm run -s jobs -- watch mine${place}`,
    'Ctrl-C ends everything; npm start goes on from there',
  ];
}
