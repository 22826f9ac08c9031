import type { ChaosDestination, DestinationName } from './destination.ts';
import { fileDestination } from './files.ts';
import { objectDestination } from './objects.ts';
import { dorisDestination, starrocksDestination } from './warehouses.ts';

/** The destinations of a run, and what the functions need to reach them. */
export interface OpenDestinations {
  readonly all: readonly ChaosDestination[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: ChaosDestination['secrets'];
  close(): Promise<void>;
}

/**
 * Starts the servers of those that have some.
 *
 * @param slowMs longer than a loader waits for an answer
 */
export async function openDestinations(
  names: readonly DestinationName[],
  { tablesDirectory, slowMs }: { readonly tablesDirectory: string; readonly slowMs: number },
): Promise<OpenDestinations> {
  await using starting = new AsyncDisposableStack();
  const open = async (name: DestinationName) => {
    switch (name) {
      case 'file':
        return fileDestination(tablesDirectory);
      case 's3':
        return objectDestination(slowMs);
      case 'doris':
        return dorisDestination(slowMs);
      case 'starrocks':
        return starrocksDestination(slowMs);
    }
  };
  const all: ChaosDestination[] = [];
  for (const name of names) {
    const destination = await open(name);
    starting.defer(() => destination.close());
    all.push(destination);
  }
  const running = starting.move();
  return {
    all,
    environment: Object.assign({}, ...all.map(({ environment }) => environment)),
    secrets: Object.assign({}, ...all.map(({ secrets }) => secrets)),
    close: () => running.disposeAsync(),
  };
}
