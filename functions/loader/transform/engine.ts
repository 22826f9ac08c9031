import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Clock } from '#shared/clock.ts';
import { engineFailure } from './engine-failure.ts';
import { quoteText } from './sql-text.ts';

/** What an engine may use. */
export interface EngineSettings {
  /** The one directory that it may read and write. */
  readonly directory: string;
  /** Megabytes of memory beyond which it spills into the directory. */
  readonly memoryMb: number;
  readonly threads: number;
}

/** Whose time an engine spends. */
export interface EngineWatch {
  readonly clock: Clock;
  /** Interrupts what runs. */
  readonly signal: AbortSignal;
  /** Called while a long statement moves on. */
  readonly onProgress: () => void;
}

/** A cell of a result, as JSON has it; 64-bit integers are decimal strings. */
type Cell = string | number | boolean | null;

/** An SQL engine in this process, for one slice. */
export interface Engine {
  /** @throws {LoadFailure} what {@link engineFailure} makes of the engine's error, or the signal's reason */
  run(sql: string): Promise<void>;
  /** The rows of a query; few enough for memory. @throws as {@link Engine.run} */
  rows(sql: string, parameters?: readonly string[]): Promise<Cell[][]>;
  /** Ends what runs; that fails then. */
  interrupt(): void;
  /** Only when nothing runs. */
  close(): void;
}

/** How often to look whether a statement moves on; ms. */
const LOOK_EVERY_MS = 1_000;

/**
 * Opens DuckDB with nothing but its own directory: no other file, no network, no extension, no setting that could
 * be taken back. Loaded only when it is needed, as it costs 70 MB of disk and some memory.
 *
 * The settings are SET statements, since allowed_directories is refused as an option of creation.
 */
export async function openEngine(settings: EngineSettings, watch: EngineWatch): Promise<Engine> {
  const { DuckDBInstance: Instance } = await import('@duckdb/node-api');
  const database: DuckDBInstance = await Instance.create(':memory:');
  const connection = await database.connect();
  const engine = new DuckDbEngine(database, connection, watch);
  try {
    for (const statement of settingsOf(settings)) await engine.run(statement);
    return engine;
  } catch (error) {
    engine.close();
    throw error;
  }
}

function settingsOf({ directory, memoryMb, threads }: EngineSettings): string[] {
  return [
    // Without it a statement does not say how far it is.
    'set enable_progress_bar = true',
    'set enable_progress_bar_print = false',
    `set threads = ${threads}`,
    `set memory_limit = '${memoryMb}MB'`,
    `set temp_directory = ${quoteText(join(directory, 'spill'))}`,
    // What an expression gives must not hang on where the loader runs.
    "set TimeZone = 'UTC'",
    'set autoinstall_known_extensions = false',
    'set autoload_known_extensions = false',
    `set allowed_directories = [${quoteText(directory)}]`,
    'set enable_external_access = false',
    'set lock_configuration = true',
  ];
}

class DuckDbEngine implements Engine {
  readonly #database: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #watch: EngineWatch;
  #isClosed = false;

  constructor(database: DuckDBInstance, connection: DuckDBConnection, watch: EngineWatch) {
    this.#database = database;
    this.#connection = connection;
    this.#watch = watch;
  }

  async run(sql: string): Promise<void> {
    await this.#watched(this.#connection.run(sql));
  }

  async rows(sql: string, parameters: readonly string[] = []): Promise<Cell[][]> {
    const reading = this.#connection.runAndReadAll(sql, [...parameters]);
    return (await this.#watched(reading)).getRowsJson() as Cell[][];
  }

  interrupt(): void {
    if (!this.#isClosed) this.#connection.interrupt();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.closeSync();
    this.#database.closeSync();
  }

  async #watched<T>(statement: Promise<T>): Promise<T> {
    const { signal } = this.#watch;
    const interrupt = () => this.#connection.interrupt();
    const ended = new AbortController();
    const looking = this.#lookOn(ended.signal);
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    try {
      const result = await statement;
      signal.throwIfAborted();
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw engineFailure(error);
    } finally {
      ended.abort();
      await looking;
      signal.removeEventListener('abort', interrupt);
    }
  }

  /** A statement keeps the task's lease only as long as it moves on. */
  async #lookOn(ended: AbortSignal): Promise<void> {
    const { clock, onProgress } = this.#watch;
    for (let done = -1; ; ) {
      const waited = await clock.sleep(LOOK_EVERY_MS, ended).then(
        () => true,
        () => false,
      );
      if (!waited) return;
      const { percentage } = this.#connection.progress;
      if (percentage > done) onProgress();
      done = Math.max(done, percentage);
    }
  }
}
