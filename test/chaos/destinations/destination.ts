import type { Clock } from '#shared/clock.ts';
import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import type { TableShape } from '../../../infra/local/demo/row-content.ts';
import type { ChaosTopic } from '../topics.ts';

/** Where the jobs of a run can load into. */
export const DESTINATIONS = ['file', 's3', 'doris', 'starrocks'] as const;
export type DestinationName = (typeof DESTINATIONS)[number];

/** What a fault of a destination is done with. */
export interface DestinationFaultDeps {
  /** Ids of tasks that are done for good, of all jobs. */
  readonly finishedTasks: () => AsyncIterable<string>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Something that the destination does to its users. */
export interface DestinationFault {
  readonly words: string;
  /** @returns whether it came to pass; `false` when nobody asked for what it fits within some seconds */
  strike(deps: DestinationFaultDeps): Promise<boolean>;
}

/** A destination with handles on what can fail in it. */
export interface ChaosDestination {
  readonly name: DestinationName;
  /** What the functions must find in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Logins by the ARNs of their secrets, for the installation's file of them. */
  readonly secrets: Readonly<Record<string, { username: string; password: string }>>;
  /** What a job says, for a table of that name. */
  destinationOf(topic: ChaosTopic, table: string): JobSpecInput['destination'];
  formatOf(topic: ChaosTopic): TableShape['tableFormat'];
  readonly faults: readonly DestinationFault[];
  /** Down, and up again with all that it had confirmed; `undefined` for what is no server. */
  readonly restart?: () => Promise<void>;
  /** Writes what can be queried of a table as files into `directory`, for the comparison. */
  collect(table: string, directory: string): Promise<void>;
  /** What attempts left prepared and nobody has committed or removed, in words. */
  leftovers(tables: readonly string[]): Promise<string[]>;
  /** Whether it cannot be asked for that: then it is removed once no loader of that time can be alive any more. */
  readonly hidesLeftovers: boolean;
  close(): Promise<void>;
}

/** For longer nothing that fits may be asked for: all jobs may be paused or the broker be down. */
const STRIKES_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** A fault that waits in a queue until somebody asks for what it fits. */
export function queuedFault<F extends string>(
  queue: { add(fault: F): void; has(fault: F): boolean; strikes(fault: F): boolean },
  fault: F,
  words: string,
): DestinationFault {
  return {
    words,
    async strike({ clock, signal }) {
      queue.add(fault);
      const deadline = clock.now() + STRIKES_WITHIN_MS;
      while (queue.has(fault)) {
        if (clock.now() > deadline) return !queue.strikes(fault);
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
      return true;
    },
  };
}
