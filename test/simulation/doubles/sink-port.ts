import { LoadFailure } from '#shared/domain/failure.ts';
import type { SinkHandle } from '#shared/domain/task.ts';
import type { CommitOutcome, Sink, SinkWriter } from '../../../functions/loader/sinks/sink.ts';
import type { Calls } from '../engine/calls.ts';
import type { Process } from '../engine/process.ts';
import type { RowCodec } from './light-stage.ts';
import type { SinkModel } from './sink-model.ts';

/** What a port to a sink needs. */
export interface SinkPortDeps {
  readonly process: Process;
  readonly calls: Calls;
  readonly model: SinkModel;
  readonly now: () => number;
  /** How rows stand in chunks. */
  readonly codec: RowCodec;
  /** Whether it has a place for dead letters. */
  readonly keepsBadRows: boolean;
  /** Whether a commit without an answer is said to be worth another try, or fails. */
  readonly softens: () => boolean;
}

function unreachable(): LoadFailure {
  return new LoadFailure('SINK_UNREACHABLE', 'the sink does not answer');
}

/** The sink as one process sees it. */
export function makeSinkPort(deps: SinkPortDeps): Sink {
  const { process, calls, model } = deps;
  const perform = <T>(what: string, effect: () => T): Promise<T> =>
    calls.perform(process, {
      kind: 'sink',
      // A label of one's own is nobody else's business before something is prepared under it.
      isPrivate: /^(open|write) /.test(what),
      effect: async () => {
        if (deps.now() < model.downUntil) throw unreachable();
        return effect();
      },
      refused: unreachable,
      lost: unreachable,
      describe: () => `sink ${what}`,
    });

  return {
    keepsBadRows: deps.keepsBadRows,
    deadLettersIn: ({ letters }) => (letters === undefined ? undefined : String(letters)),
    readDeadLetters: (location) => lettersAt(location, deps),
    async open(label) {
      await perform(`open ${label}`, () => model.open(label));
      return makeWriter(label, { ...deps, perform });
    },
    commit: (handle: SinkHandle): Promise<CommitOutcome> =>
      perform(`commit ${handle.label}`, () => model.commit(handle)).catch((error: unknown) => {
        if (error instanceof LoadFailure && deps.softens()) {
          return { kind: 'retry-later', message: error.message };
        }
        throw error;
      }),
    abort: (label) => perform(`abort ${label}`, () => model.abort(label)),
    async sweep(_jobId, isAbandoned) {
      const labels = await perform('list prepared', () => [...model.prepared.keys()]);
      let swept = 0;
      for (const label of labels) {
        if (!(await isAbandoned({ label }))) continue;
        await perform(`sweep ${label}`, () => model.abort(label));
        swept += 1;
      }
      return swept;
    },
  };
}

async function* lettersAt(
  location: string,
  { process, calls, model, now, codec }: SinkPortDeps,
): AsyncGenerator<Uint8Array> {
  yield await calls.perform(process, {
    kind: 'read',
    isPrivate: true,
    effect: async () => {
      if (now() < model.downUntil) throw unreachable();
      const letters = model.keptLetters.get(location);
      if (letters) return codec.encode(letters);
      throw new LoadFailure('DEAD_LETTERS_UNAVAILABLE', `nothing is at ${location}`);
    },
    refused: unreachable,
    lost: unreachable,
    describe: () => `sink read ${location}`,
  });
}

function makeWriter(
  label: string,
  {
    model,
    codec,
    perform,
  }: SinkPortDeps & { perform: <T>(what: string, effect: () => T) => Promise<T> },
): SinkWriter {
  const rows: number[] = [];
  const letters: number[] = [];
  const take = (into: number[], chunk: Uint8Array) =>
    perform(`write ${label}`, () => {
      for (const row of codec.decode(chunk)) into.push(row);
    });
  return {
    write: (chunk) => take(rows, chunk),
    keep: (chunk) => take(letters, chunk),
    prepare: () => perform(`prepare ${label}`, () => model.prepare(label, rows, letters)),
    discard: () => perform(`discard ${label}`, () => model.abort(label)).catch(() => {}),
  };
}
