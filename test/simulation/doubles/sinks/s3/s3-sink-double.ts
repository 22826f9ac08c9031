import { s3Destination } from '#shared/domain/spec/s3-destination.ts';
import { attemptLabel, type SinkHandle } from '#shared/domain/task.ts';
import { unpairHandle } from '../../../../../functions/loader/dead-letters/paired-handle.ts';
import { uploadsIn } from '../../../../../functions/loader/sinks/s3/period-uploads.ts';
import type { UploadHandle } from '../../../../../functions/loader/sinks/s3/upload-handle.ts';
import { makeS3Sink } from '../../../../../functions/loader/sinks/s3.ts';
import type { Process } from '../../../engine/process.ts';
import { countRows, isOdd, type SinkDouble, type SinkDoubleDeps } from '../simulated-sink.ts';
import { Bucket, type Completion, type S3Dialect, s3Error } from './bucket.ts';
import { type S3Wire, s3ClientDouble } from './s3-client-double.ts';

const AMAZON: S3Dialect = {
  repeated: ['as-before', 'exists-412'],
  page: 1_000,
  isConditional: true,
};
/** Small pages, so that lists are truncated. */
const OTHERS: S3Dialect = {
  repeated: ['no-such-upload', 'exists-304'],
  page: 1,
  isConditional: false,
};

/** How often a server fails a completion without doing it, and how often somebody else writes to a key of ours. */
const ODD_COMPLETION = 0.05;
const FOREIGN_WRITER = 0.5;

/**
 * Amazon S3, or a server that speaks its protocol, under the product's sink for it.
 *
 * What goes wrong besides the network: an error in an answer of status 200, a conflict with another finisher, a
 * lifecycle rule that removes what is not completed, and others who write to our keys.
 */
export class S3SinkDouble implements SinkDouble {
  downUntil = 0;
  readonly isPartitioned: boolean;
  readonly #deps: SinkDoubleDeps;
  readonly #bucket = new Bucket();
  readonly #dialect: S3Dialect;
  readonly #decided = new Set<string>();
  readonly #forgotten = new Set<string>();
  #tokens = 0;

  constructor(deps: SinkDoubleDeps) {
    this.#deps = deps;
    this.#dialect = deps.random.pick([AMAZON, OTHERS]);
    this.isPartitioned = deps.random.chance(0.5);
  }

  sinkFor({ spec }: Parameters<SinkDouble['sinkFor']>[0], process: Process) {
    const isAmazon = this.#dialect === AMAZON;
    const client = s3ClientDouble(this.#bucket, this.#wireOf(process));
    return makeS3Sink({
      destination: s3Destination.parse({
        bucket: 'tables',
        ...(isAmazon ? {} : { endpoint: 'http://127.0.0.1:9000' }),
        ...(this.isPartitioned && { partitionBy: { column: 'at', unit: 'day' } }),
      }),
      jobName: spec.name,
      client: this.#deps.sabotage.s3?.(client) ?? client,
      newToken: () => {
        this.#tokens += 1;
        return `token-${this.#tokens}`;
      },
    });
  }

  get visible() {
    const objects = [...this.#bucket.objects.values()];
    const rows = objects.filter(({ key }) => !key.startsWith('_dead_letters/'));
    return countRows(rows.map(({ body }) => body.toString()));
  }

  get keptLetters() {
    const { objects } = this.#bucket;
    return {
      get(location: string) {
        const object = objects.get(location.replace('s3://tables/', ''));
        return object && [...countRows([object.body.toString()]).keys()];
      },
    };
  }

  get prepared(): ReadonlyMap<string, unknown> {
    return new Map([...this.#bucket.uploads.values()].map((one) => [labelIn(one.key), one]));
  }

  noteDecided(handle: SinkHandle): void {
    for (const { uploadId } of uploadsOf(handle)) this.#decided.add(uploadId);
  }

  hasForgotten(handle: SinkHandle): boolean {
    return uploadsOf(handle).some(({ uploadId }) => this.#forgotten.has(uploadId));
  }

  hasApplied(handle: SinkHandle): boolean {
    const { rows, letters } = unpairHandle(handle);
    return uploadsOf(rows ?? letters ?? {}).every((upload) => this.#isCompleted(upload));
  }

  undo(handle: SinkHandle): void {
    for (const upload of uploadsOf(unpairHandle(handle).rows ?? {})) {
      if (this.#isCompleted(upload)) this.#bucket.objects.delete(upload.key);
    }
  }

  /** A lifecycle rule removes uploads that were not completed; or somebody else takes their keys. */
  forgetPrepared(): void {
    const isForeign = this.#dialect.isConditional && this.#deps.random.chance(FOREIGN_WRITER);
    for (const { id, key, parts } of [...this.#bucket.uploads.values()]) {
      this.#forgotten.add(id);
      if (!isForeign) {
        this.#bucket.uploads.delete(id);
        continue;
      }
      if (this.#bucket.objects.has(key)) continue;
      const bytes = [...parts.values()].reduce((sum, part) => sum + part.length, 0);
      const body = Buffer.alloc(bytes, 'x');
      this.#bucket.objects.set(key, { key, body, metadata: {}, uploadId: undefined });
    }
  }

  forgetLabels(): void {
    this.#bucket.completed.clear();
  }

  #isCompleted({ key, uploadId }: UploadHandle): boolean {
    return this.#bucket.objects.get(key)?.uploadId === uploadId;
  }

  #wireOf(process: Process): S3Wire {
    const { calls, now } = this.#deps;
    return {
      page: this.#dialect.page,
      send: (what, isPrivate, effect) =>
        calls.perform(process, {
          kind: 'request',
          isPrivate,
          effect: async () => {
            if (now() < this.downUntil) throw noAnswer();
            return effect();
          },
          refused: () => s3Error('SlowDown', 503),
          lost: noAnswer,
          describe: () => `s3 ${what}`,
        }),
      complete: (completion) => this.#complete(completion),
      abort: (uploadId) => this.#abort(uploadId),
    };
  }

  #complete(completion: Completion): void {
    const { uploadId } = completion;
    if (!this.#decided.has(uploadId)) {
      this.#deps.witness.violated('no-commit-before-decision', uploadId);
    }
    if (this.#bucket.completed.has(uploadId)) {
      this.#repeat();
      return;
    }
    if (isOdd(this.#deps, 'sink-refuses', ODD_COMPLETION)) {
      const conflict = s3Error('ConditionalRequestConflict', 409);
      // The body of an answer of status 200 can say that it came to nothing.
      throw this.#deps.random.pick([conflict, s3Error('InternalError', 200)]);
    }
    const key = this.#bucket.uploads.get(uploadId)?.key ?? '';
    const before = this.#bucket.objects.get(key);
    const onlyIfNew = completion.onlyIfNew && this.#dialect.isConditional;
    this.#bucket.complete({ ...completion, onlyIfNew });
    if (before) this.#deps.witness.violated('nothing-is-overwritten', key);
  }

  /** Throws, or answers as the first time. */
  #repeat(): void {
    switch (this.#deps.random.pick(this.#dialect.repeated)) {
      case 'as-before':
        return;
      case 'no-such-upload':
        throw s3Error('NoSuchUpload', 404);
      case 'exists-412':
        throw s3Error('PreconditionFailed', 412);
      case 'exists-304':
        throw s3Error('NotModified', 304);
    }
  }

  #abort(uploadId: string): void {
    const isOpen = this.#bucket.uploads.has(uploadId);
    if (isOpen && this.#decided.has(uploadId) && !this.#forgotten.has(uploadId)) {
      this.#deps.witness.violated('no-abort-after-decision', `${uploadId} was decided`);
    }
    this.#bucket.abort(uploadId);
  }
}

/** What S3's client raises when no answer came. */
function noAnswer(): Error {
  return Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
}

function uploadsOf(handle: SinkHandle): UploadHandle[] {
  const { rows, letters } = unpairHandle(handle);
  return [rows, letters].flatMap((part) => (part && uploadsIn(part)) ?? []);
}

function labelIn(key: string): string {
  const [jobId = '', id = '', attempt] =
    (key.split('/').at(-1) ?? '').split('.', 1)[0]?.split('-') ?? [];
  return attemptLabel({ jobId, id }, Number(attempt));
}
