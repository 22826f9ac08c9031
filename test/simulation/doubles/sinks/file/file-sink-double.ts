import { basename } from 'node:path';
import { parseAttemptLabel, type SinkHandle } from '#shared/domain/task.ts';
import { unpairHandle } from '../../../../../functions/loader/dead-letters/paired-handle.ts';
import {
  type DecidedFile,
  filesIn,
} from '../../../../../functions/loader/sinks/file/period-files.ts';
import { makeFileSink } from '../../../../../functions/loader/sinks/file.ts';
import type { Process } from '../../../engine/process.ts';
import { countRows, isOdd, type SinkDouble, type SinkDoubleDeps } from '../simulated-sink.ts';
import { type DiskOperation, type DiskWire, diskDouble } from './disk-double.ts';
import { diskError, FileContent, MemoryFiles } from './memory-files.ts';

const ROOT = '/tables';
const STAGED = /^\/tables\/[^/]+\/_staging\//;
const LETTERS = /^\/tables\/[^/]+\/_dead_letters\//;

/** How often the machine crashes behind an operation; each seed has one. */
const CRASHES = [0, 0.01, 0.05] as const;
const FOREIGN_WRITER = 0.5;

/**
 * A directory on a machine that can lose its power, under the product's file sink. Its loaders run there and
 * die with it. What counts as visible is what would be left behind a crash at this moment.
 */
export class FileSinkDouble implements SinkDouble {
  downUntil = 0;
  readonly isPartitioned: boolean;
  readonly #deps: SinkDoubleDeps;
  readonly #files = new MemoryFiles(ROOT);
  readonly #crashes: number;
  readonly #decided = new Set<string>();
  readonly #forgotten = new Set<string>();
  /** Paths of what others have written where rows belong. */
  readonly #foreign = new Set<string>();

  constructor(deps: SinkDoubleDeps) {
    this.#deps = deps;
    this.#crashes = deps.random.pick(CRASHES);
    this.isPartitioned = deps.random.chance(0.5);
  }

  sinkFor({ spec }: Parameters<SinkDouble['sinkFor']>[0], process: Process) {
    const disk = diskDouble(this.#files, this.#wireOf(process));
    return makeFileSink({
      roots: [ROOT],
      destination: {
        table: spec.name,
        format: 'ndjson',
        ...(this.isPartitioned && { partitionBy: { column: 'at', unit: 'day' } }),
      },
      fileName: (label) => `${spec.name}-${parseAttemptLabel(label)?.taskId}.ndjson`,
      disk: this.#deps.sabotage.disk?.(disk) ?? disk,
    });
  }

  get visible() {
    return countRows(this.#texts((path) => !STAGED.test(path) && !LETTERS.test(path)));
  }

  get keptLetters() {
    return {
      get: (location: string) => {
        const texts = this.#texts((path) => path.endsWith(`/${location}`));
        return [...countRows(texts).keys()];
      },
    };
  }

  get prepared(): ReadonlyMap<string, unknown> {
    return new Map(this.#staged().map((path) => [basename(path).split('.', 1)[0] ?? '', path]));
  }

  noteDecided(handle: SinkHandle): void {
    for (const { file } of filesOf(handle)) this.#decided.add(file.staged);
  }

  hasForgotten(handle: SinkHandle): boolean {
    if (this.#isTaken(unpairHandle(handle).rows)) return true;
    return filesOf(handle).some(({ file }) => this.#forgotten.has(file.staged));
  }

  hasApplied(handle: SinkHandle): boolean {
    const { rows, letters } = unpairHandle(handle);
    const isLetters = rows === undefined;
    return filesOf(rows ?? letters ?? {}).every((decided) => this.#published(decided, isLetters));
  }

  undo(handle: SinkHandle): void {
    for (const decided of filesOf(unpairHandle(handle).rows ?? {})) {
      const path = this.#published(decided, false);
      if (path) this.#files.remove(path);
    }
  }

  /** Somebody cleans up what looks like litter, or writes files under our names. */
  forgetPrepared(): void {
    const isForeign = this.#deps.random.chance(FOREIGN_WRITER) && !this.isPartitioned;
    for (const path of this.#staged()) {
      if (isForeign) this.#writeForeign(path);
      else {
        this.#forgotten.add(basename(path));
        this.#files.remove(path);
      }
    }
  }

  /** A file system keeps no account of what it was told. */
  forgetLabels(): void {}

  /** Where a file of ours is visible. */
  #published({ file, directory }: DecidedFile, isLetters: boolean): string | undefined {
    const end = directory === undefined ? `/${file.final}` : `/${directory}/${file.final}`;
    return [...this.#files.seen.keys()].find(
      (path) =>
        path.endsWith(end) &&
        !STAGED.test(path) &&
        LETTERS.test(path) === isLetters &&
        !this.#foreign.has(path) &&
        this.#files.file(path).seen.length === file.bytes,
    );
  }

  /** Whether somebody else's file stands where these rows belong. */
  #isTaken(rows: SinkHandle | undefined): boolean {
    return [...this.#foreign].some((path) => basename(path) === rows?.final);
  }

  #staged(): string[] {
    return [...this.#files.seen.keys()].filter((path) => STAGED.test(path));
  }

  #texts(isOf: (path: string) => boolean): string[] {
    const contents = this.#files.survivors((path) => isOf(path) && !this.#foreign.has(path));
    return [...contents].map((content) => content.toString());
  }

  /** As many bytes as ours, under the final name of what is staged; there since long, as far as a crash goes. */
  #writeForeign(staged: string): void {
    const [table = '', name = ''] = staged.split('/_staging/');
    const { taskId } = parseAttemptLabel(name.split('.', 1)[0] ?? '') ?? {};
    const path = `${table}/${basename(table)}-${taskId}.ndjson`;
    if (this.#files.seen.has(path)) return;
    const content = new FileContent();
    content.seen = Buffer.alloc(this.#files.file(staged).seen.length, 'x');
    content.sync();
    this.#files.add(path, content);
    this.#files.syncNames(table);
    this.#foreign.add(path);
  }

  #wireOf(process: Process): DiskWire {
    return {
      perform: (operation) => this.#perform(process, operation),
      onPublish: (from) => {
        const { witness } = this.#deps;
        if (!this.#decided.has(basename(from))) witness.violated('no-commit-before-decision', from);
      },
      onOverwrite: (path) => this.#deps.witness.violated('nothing-is-overwritten', path),
    };
  }

  async #perform<T>(process: Process, operation: DiskOperation<T>): Promise<T> {
    const { calls, now, random } = this.#deps;
    const failed = () => {
      operation.onFailure?.();
      return diskError(random.pick(['EIO', 'ENOSPC']), operation.what);
    };
    const result = await calls.perform(process, {
      kind: 'disk',
      isPrivate: operation.isPrivate ?? false,
      effect: async () => {
        if (now() < this.downUntil) throw diskError('ESTALE', operation.what);
        return operation.effect();
      },
      refused: failed,
      lost: failed,
      describe: () => `disk ${operation.what}`,
    });
    if (!isOdd(this.#deps, 'machine-crashes', this.#crashes)) return result;
    this.#deps.witness.trace?.('machine', 'loses its power');
    this.#deps.killLoaders();
    this.#files.crash(random);
    return new Promise(() => {});
  }
}

function filesOf(handle: SinkHandle): DecidedFile[] {
  const { rows, letters } = unpairHandle(handle);
  return [rows, letters].flatMap((part) => {
    const files = part ? filesIn(part) : [];
    return 'fault' in files ? [] : files;
  });
}
