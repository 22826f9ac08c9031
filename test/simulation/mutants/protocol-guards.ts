import type { SinkHandle } from '#shared/domain/task.ts';
import type { Item, Tables } from '#shared/store/tables.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import type { Mutant } from './mutant.ts';
import { given, isAdvance, isDecision, isJob, reading, rewriting } from './rewrite.ts';

/** Guards that are steps of the protocol: what is read first, what is never done, what a name must hold. */

const withoutAttempt = (label: string) => label.replace(/_\d+$/, '_1');

/** A sink in which all attempts of a task share one label. */
function sharingLabels(sink: Sink): Sink {
  return {
    ...sink,
    open: (label) => sink.open(withoutAttempt(label)),
    abort: (label) => sink.abort(withoutAttempt(label)),
  };
}

/** The jobs as a loader that does not look at them would have them: always fit for its task. */
function trustingJobs(tables: Tables): Tables {
  let generation: unknown;
  return reading(tables, (item): Item => {
    if (item.slice !== undefined) generation = item.generation;
    if (item.spec === undefined) return item;
    return { ...item, state: 'RUNNING', generation: Number(generation ?? item.generation) };
  });
}

/** Shows jobs whose policy is to pause as ones that go on at the earliest record; they are written back as they were. */
function jumpingToTheEarliest(tables: Tables, originals: Map<unknown, Item>): Tables {
  const policy = '"offsetOutOfRange":';
  const seen = reading(tables, (item) => {
    if (typeof item.spec !== 'string') return item;
    const spec = item.spec.replace(`${policy}"pause"`, `${policy}"earliest"`);
    if (spec === item.spec) return item;
    originals.set(spec, { spec: item.spec });
    return { ...item, spec };
  });
  return rewriting(seen, (write) =>
    isJob(write) && write.kind === 'put'
      ? { ...write, item: { ...write.item, ...originals.get(write.item.spec) } }
      : write,
  );
}

/** Skips the write that claims a generation, and flips from the state before it. */
function withoutGenerationClaim(tables: Tables): Tables {
  const before = new Map<unknown, string>();
  return {
    ...tables,
    transact: async (writes, token) => {
      const [job] = writes;
      if (job?.kind !== 'put' || !isJob(job)) return tables.transact(writes, token);
      const wanted = job.condition.find((test) => test.attribute === 'changeToken');
      const read = wanted && 'value' in wanted ? wanted.value : '';
      const isClaim =
        writes.length === 1 && Number(job.item.claimedGeneration) > Number(job.item.generation);
      if (isClaim && job.item.state === 'NEED_SCHEDULE' && given(job, 'note') === undefined) {
        before.set(job.item.changeToken, String(read));
        return { applied: true };
      }
      const original = before.get(read);
      if (original === undefined) return tables.transact(writes, token);
      const flip = {
        ...job,
        condition: [{ attribute: 'changeToken', is: 'equal', value: original } as const],
      };
      return tables.transact([flip, ...writes.slice(1)], token);
    },
  };
}

export const PROTOCOL_GUARDS: readonly Mutant[] = [
  {
    guard: 'the attempt stands in the label',
    sabotage: () => ({ sink: sharingLabels }),
  },
  {
    guard: 'a decided task is only finished, never run again',
    sabotage: () => ({
      tables: (tables, process) =>
        process.kind === 'loader'
          ? rewriting(
              reading(tables, (item) => {
                const { decision, ...rest } = item;
                return item.slice && item.status === 'PENDING' && decision ? rest : item;
              }),
              (write) =>
                isDecision(write)
                  ? {
                      ...write,
                      condition: write.condition.filter((t) => t.attribute !== 'decision'),
                    }
                  : write,
            )
          : tables,
    }),
  },
  {
    guard: 'nothing is committed before the decision stands',
    sabotage: () => ({
      sink: (sink) => ({
        ...sink,
        open: async (label) => {
          const writer = await sink.open(label);
          return {
            ...writer,
            prepare: async () => {
              const handle = await writer.prepare();
              await sink.commit(handle);
              return handle;
            },
          };
        },
      }),
    }),
  },
  {
    guard: "the loader looks whether its job still runs in the task's generation",
    sabotage: () => ({
      tables: (tables, process) => (process.kind === 'loader' ? trustingJobs(tables) : tables),
    }),
  },
  {
    guard: 'a generation is claimed before its lanes are written',
    sabotage: () => ({ tables: withoutGenerationClaim }),
  },
  {
    guard: 'a sweep spares what may still count',
    sabotage: () => ({
      sink: ({ sweep, ...sink }) => ({
        ...sink,
        ...(sweep && { sweep: (jobId) => sweep(jobId, async () => true) }),
      }),
    }),
  },
  {
    guard: 'what dead attempts left is swept',
    sabotage: () => ({ sink: (sink) => ({ ...sink, sweep: async () => 0 }) }),
  },
  {
    guard: 'what earlier attempts left is removed, also where their job never loads again',
    sabotage: () => ({ sink: (sink) => ({ ...sink, abort: async () => {} }) }),
  },
  {
    guard: 'a sink that has forgotten is not believed to have committed',
    sabotage: () => ({
      sink: (sink) => ({
        ...sink,
        commit: async (handle: SinkHandle) => {
          const outcome = await sink.commit(handle);
          return outcome.kind === 'in-doubt' ? { kind: 'committed' } : outcome;
        },
      }),
    }),
  },
  {
    guard: 'a decision holds the ends that were read, not those that were planned',
    sabotage: () => {
      const slices = new Map<string, Item>();
      return {
        tables: (tables) =>
          rewriting(
            reading(tables, (item) => {
              if (item.slice) slices.set(String(item.sk), item.slice as Item);
              return item;
            }),
            (write) => {
              const slice = slices.get(write.key.sk);
              if (!isDecision(write) || write.kind !== 'update' || !slice) return write;
              const ends = Object.entries(slice).map(([p, range]) => [
                p,
                (range as [string, string])[1],
              ]);
              const decision = { ...(write.set?.decision as Item), to: Object.fromEntries(ends) };
              return { ...write, set: { ...write.set, decision } };
            },
          ),
      };
    },
  },
  {
    guard: 'a job that is to pause where records are gone does not jump over them',
    sabotage: () => {
      const originals = new Map<unknown, Item>();
      return {
        tables: (tables, process) =>
          process.kind === 'scheduler' ? jumpingToTheEarliest(tables, originals) : tables,
      };
    },
  },
  {
    guard: 'a seek counts once',
    sabotage: () => {
      let seek: Item[string] | undefined;
      return {
        tables: (tables) =>
          rewriting(tables, (write) => {
            if (!isJob(write) || write.kind !== 'put') return write;
            seek = write.item.seek ?? seek;
            return seek === undefined ? write : { ...write, item: { ...write.item, seek } };
          }),
      };
    },
  },
  {
    guard: 'the epochs of a lane move with its offsets',
    sabotage: () => {
      const known = new Set<string>();
      return {
        tables: (tables) =>
          rewriting(tables, (write) => {
            if (!isAdvance(write) || write.kind !== 'update') return write;
            const { epochs, ...set } = write.set ?? {};
            const lane = `${write.key.pk} ${write.key.sk}`;
            if (known.has(lane)) return { ...write, set };
            if (epochs !== undefined) known.add(lane);
            return write;
          }),
      };
    },
  },
  {
    guard: 'the capacity counts what is live',
    sabotage: () => ({
      tables: (tables) => ({
        ...tables,
        queryIndex: async (index, hash, options) =>
          index === 'live' ? { items: [] } : tables.queryIndex(index, hash, options),
      }),
    }),
  },
];
