import { join } from 'node:path';
import type { Clock } from '#shared/clock.ts';
import { grouped } from '../../cli/figures.ts';
import { demoKafka } from '../../infra/local/demo/kafka-client.ts';
import type { Screen } from '../../infra/local/demo/screen.ts';
import { ensureTopic, type LogRanges, logRanges } from '../../infra/local/demo/topics.ts';
import { type TableReport, verifyTables } from '../../infra/local/demo/verify.ts';
import { type ApiClient, apiClient } from './api-client.ts';
import { attend, type SeenJobs } from './attendance.ts';
import type { ChaosCommand } from './command-line.ts';
import { type Findings, findEvidence, findOrphans, findPauses, findUnproven } from './findings.ts';
import { type Injection, injectFaults } from './injector.ts';
import { chaosKafka, Flow, keepProducing } from './producing.ts';
import { Random } from './random.ts';
import { type ChaosStack, LOADER_LIFE_MS, TAKEN_OVER_MS } from './stack.ts';
import {
  batchRows,
  CHAOS_TOPICS,
  type ChaosTable,
  chaosTables,
  jobSpecOf,
  shapeOf,
} from './topics.ts';

/** What a run needs. */
export interface ChaosDeps {
  readonly stack: ChaosStack;
  readonly command: ChaosCommand;
  readonly clock: Clock;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Faults that were done, and what was found after them. */
export interface ChaosOutcome {
  readonly done: Pick<Injection, 'done' | 'struck'>;
  readonly findings: Findings;
}

interface Parts extends ChaosDeps {
  readonly client: ApiClient;
  readonly flows: readonly Flow[];
  readonly tables: readonly ChaosTable[];
  /** Names of the jobs, which are the tables'. */
  readonly jobs: readonly string[];
}

/** Part of the rows that is produced at once; the others follow as faults are done, so that loaders have work to the end. */
const HEAD_START = 0.2;

/** A job that has moved nothing for so long after the last fault is stuck. */
const STUCK_AFTER_MS = 60_000;

/**
 * Makes topics and jobs, produces and does all faults at once, and when both are over compares.
 *
 * @throws {Error} when a part of the machinery itself fails, or the signal's reason when it is aborted
 */
export async function runChaos(deps: ChaosDeps): Promise<ChaosOutcome> {
  const { stack, screen } = deps;
  const client = apiClient(stack.installation.apiUrl);
  await withAdmin(deps, async (admin) => {
    for (const { name: topic, partitions } of CHAOS_TOPICS) {
      await ensureTopic(admin, { topic, partitions }, deps.clock);
    }
  });
  const tables = chaosTables(stack.destinations);
  for (const table of tables) {
    await client.create(jobSpecOf(table, { brokers: stack.brokers, rows: deps.command.rows }));
  }
  const kafka = chaosKafka(stack.brokers);
  const flows = CHAOS_TOPICS.map((topic) => new Flow(kafka, topic));
  const parts = { ...deps, client, flows, tables, jobs: tables.map(({ name }) => name) };
  const done = await disturb(parts);
  screen.show([]);
  screen.say('faults are over; waiting until everything is loaded');
  return { done, findings: await compare(parts) };
}

/** Faults, production and attendance at once; what fails first ends the others. */
async function disturb(parts: Parts): Promise<Injection> {
  const { stack, command, flows, clock } = parts;
  const failed = new AbortController();
  const signal = AbortSignal.any([parts.signal, failed.signal]);
  const ending = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  const random = new Random(command.seed);
  const until = clock.now() + command.minutes * 60_000;
  let injection: Injection | undefined;
  let over = false;
  const mayResume = () => stack.broker.isUp;
  const injecting = ending(
    injectFaults(
      { counts: command.counts, until },
      { ...parts, rows: batchRows(command.rows), random, signal },
      (begun) => {
        injection = begun;
      },
    ),
  );
  const later = () => (1 - HEAD_START) * (injection?.progress() ?? 0);
  const allowed = () => command.rows * (HEAD_START + later());
  const producing = ending(
    keepProducing(flows, { rows: command.rows, allowed, until, clock, signal }),
  );
  const attending = ending(
    attend({ ...parts, mayResume, signal }, (seen) => {
      parts.screen.show(progressLines(parts, seen, injection));
      return over;
    }),
  );
  const working = Promise.all([injecting, producing]).finally(() => {
    over = true;
  });
  await Promise.allSettled([working, attending]);
  signal.throwIfAborted();
  return injecting;
}

function progressLines(
  { flows, command }: Parts,
  seen: SeenJobs,
  injection: Injection | undefined,
): string[] {
  const faults = Object.entries(injection?.done ?? {}).map(([kind, count]) => `${kind} ${count}`);
  const jobs = [...seen.values()].map(
    ({ name, state, statistics }) => `${name} ${state} ${grouped(statistics.rows)}`,
  );
  const produced = flows.reduce((sum, { rows }) => sum + rows, 0);
  return [
    `faults   ${faults.join(', ')}`,
    `produced ${grouped(produced)} of ${grouped(command.rows)}; loaded ${jobs.join(', ')}`,
  ];
}

async function compare(parts: Parts): Promise<Findings> {
  const { stack, client, flows, jobs, screen, clock, signal } = parts;
  for (const flow of flows) await flow.close();
  // Twice: the second records come when every zombie has lost its lease, and their loaders sweep what is left.
  await seal(flows);
  let loaded = await waitUntilLoaded(parts);
  await clock.sleep(TAKEN_OVER_MS, signal);
  await seal(flows);
  loaded = await waitUntilLoaded(parts);
  // Some destinations cannot be asked what is left there: loaders look when no zombie of then can be left.
  if ((await findOrphans(parts.tables, { hidden: true })).length > 0) {
    await clock.sleep(LOADER_LIFE_MS, signal);
    await seal(flows);
    loaded = await waitUntilLoaded(parts);
  }
  const tables = await compareTables(parts, loaded.ranges);
  screen.show(['proving completeness']);
  const findings = {
    tables,
    stuck: loaded.stuck,
    orphans: await findOrphans(parts.tables),
    unproven: await findUnproven(client, tables),
    ...(await findPauses(client, jobs)),
    evidence: await findEvidence(client, jobs, stack.loaderLog),
  };
  screen.show([]);
  return findings;
}

async function seal(flows: readonly Flow[]): Promise<void> {
  for (const flow of flows) await flow.seal();
}

/** Until every job has loaded all that its topic holds and no task is left, or nothing has moved for a minute. */
async function waitUntilLoaded(
  parts: Parts,
): Promise<{ ranges: ReadonlyMap<string, LogRanges>; stuck: string[] }> {
  const { clock, screen, tables } = parts;
  const ranges = new Map<string, LogRanges>();
  await withAdmin(parts, async (admin) => {
    for (const { name } of CHAOS_TOPICS) ranges.set(name, await logRanges(admin, name));
  });
  const rangesOf = (job: string) =>
    ranges.get(tables.find(({ name }) => name === job)?.topic.name ?? '');
  let before = '';
  let movedAt = clock.now();
  let stuck: string[] = [];
  await attend({ ...parts, mayResume: () => true }, (seen) => {
    screen.show(progressLines(parts, seen, undefined));
    stuck = [...seen.values()].flatMap((job) => whyNotLoaded(job, rangesOf(job.name)) ?? []);
    const now = JSON.stringify([...seen.values()].map(({ lag, state }) => [lag, state]));
    if (now !== before) movedAt = clock.now();
    before = now;
    return stuck.length === 0 || clock.now() - movedAt > STUCK_AFTER_MS;
  });
  return { ranges, stuck };
}

function whyNotLoaded(
  job: SeenJobs extends ReadonlyMap<string, infer T> ? T : never,
  ranges: LogRanges = new Map(),
): string | undefined {
  const behind = [...ranges].filter(
    ([partition, { high }]) => Number(job.lag.partitions[String(partition)]?.next ?? 0) < high,
  );
  if (behind.length === 0 && job.tasks.length === 0 && job.state === 'RUNNING') return undefined;
  const why = job.note ?? job.reason;
  return `${job.name} is ${job.state} (${why.code}: ${why.message}), ${behind.length} partitions behind, ${job.tasks.length} tasks left`;
}

async function compareTables(
  { stack, tables, screen, signal }: Parts,
  ranges: ReadonlyMap<string, LogRanges>,
): Promise<TableReport[]> {
  const underTest = tables.map((table) => ({
    name: table.name,
    topic: table.topic.name,
    ranges: ranges.get(table.topic.name) ?? new Map(),
    directory: join(stack.installation.tablesDirectory, table.name),
    shape: shapeOf(table),
  }));
  for (const { name, destination } of tables) {
    await destination.collect(name, join(stack.installation.tablesDirectory, name));
  }
  const onStep = (step: string) => screen.show([`comparing: ${step}`]);
  return verifyTables(underTest, { kafka: demoKafka(stack.brokers), signal, onStep });
}

async function withAdmin<T>(
  { stack }: Pick<ChaosDeps, 'stack'>,
  work: (admin: ReturnType<ReturnType<typeof demoKafka>['admin']>) => Promise<T>,
): Promise<T> {
  const admin = demoKafka(stack.brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
