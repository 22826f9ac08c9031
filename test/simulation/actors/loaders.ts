import type { Job } from '#shared/domain/job.ts';
import type { LoaderDeps } from '../../../functions/loader/loader-deps.ts';
import type { SliceReader } from '../../../functions/loader/records.ts';
import { runChain } from '../../../functions/loader/run-chain.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import { makeStage, type Stage } from '../../../functions/loader/stage.ts';
import { LIGHT, makeLightStage, NDJSON } from '../doubles/light-stage.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import { makeSinkPort } from '../doubles/sink-port.ts';
import type { SinkDouble } from '../doubles/sinks/simulated-sink.ts';
import { makeSliceReaderDouble } from '../doubles/slice-reader-double.ts';
import type { Process } from '../engine/process.ts';
import type { Step } from '../engine/steps.ts';
import { SETTINGS } from '../scenario/scenario.ts';
import type { World } from '../world.ts';

/** How long a loader's function may run, in ms; some have just enough for one task. */
const LAMBDA_TIMES_MS = [900_000, 900_000, 900_000, 40_000, 26_000] as const;

/** Starts a loader for a task, as the pipe does. The function's time is over when it is over. */
export function startLoader(
  world: World,
  named: { readonly jobId: string; readonly taskId: string },
): void {
  const timeMs = world.random.pick(LAMBDA_TIMES_MS);
  world.spawn('loader', async (process) => {
    world.trace?.(process.name, `is invoked for ${named.taskId}, for ${timeMs / 1000} s`);
    const timeIsUp: Step = {
      at: world.steps.now + timeMs,
      process: undefined,
      run: () => world.kill(process),
    };
    world.steps.add(timeIsUp);
    try {
      const deps = loaderDeps(world, process);
      return await runChain(deps, named, deps.clock.now() + timeMs);
    } finally {
      world.steps.remove(timeIsUp);
    }
  });
}

function loaderDeps(world: World, process: Process): LoaderDeps {
  const { calls, faults, random } = world;
  const clock = world.clockOf(process);
  const reader = makeSliceReaderDouble({
    process,
    calls,
    faults,
    random,
    topics: world.scenario.topics,
    now: clock.now,
  });
  return {
    tables: world.tablesOf(process),
    stage: stageOf(world, reader),
    sinkOf: (job) => sinkOf(world, process, job),
    clock,
    newId: world.newId,
    settings: SETTINGS,
    log: world.logOf(process),
  };
}

function stageOf({ scenario, sinks }: World, reader: SliceReader): Stage {
  if (scenario.productionStage) return makeStage(reader, SETTINGS);
  const doubles = [...sinks.values()].filter((sink) => !(sink instanceof SinkModel));
  if (doubles.length === 0) return makeLightStage(reader);
  const isPartitioned = doubles.some((sink) => (sink as SinkDouble).isPartitioned === true);
  return makeLightStage(reader, NDJSON, isPartitioned);
}

function sinkOf(world: World, process: Process, job: Job): Sink {
  const sink = portTo(world, process, job);
  return world.sabotage.sink?.(sink, process) ?? sink;
}

/** A sink that holds dead letters of an earlier world goes on to keep them. */
function keepsBadRows({ scenario }: World, { keptLetters }: SinkModel): boolean {
  if (scenario.productionStage) return false;
  return scenario.bareSink !== true || keptLetters.size > 0;
}

function portTo(world: World, process: Process, job: Job): Sink {
  const model = world.sinks.get(job.id) as SinkModel | SinkDouble;
  if (!(model instanceof SinkModel)) return model.sinkFor(job, process);
  return makeSinkPort({
    process,
    calls: world.calls,
    model,
    now: () => world.steps.now,
    codec: world.scenario.productionStage ? NDJSON : LIGHT,
    keepsBadRows: keepsBadRows(world, model),
    softens: () => world.random.chance(0.5),
  });
}
