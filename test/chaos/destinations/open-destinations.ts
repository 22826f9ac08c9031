import { startAwsDouble } from '../../support/aws-double.ts';
import type { ChaosDestination, DestinationName } from './destination.ts';
import { fileDestination } from './files.ts';
import { objectDestination } from './objects.ts';
import { dorisDestination, starrocksDestination } from './warehouses.ts';

/** The destinations of a run, and what the functions need to reach them. */
export interface OpenDestinations {
  readonly all: readonly ChaosDestination[];
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Starts the servers of those that have some, and one for secrets.
 *
 * @param slowMs longer than a loader waits for an answer
 */
export async function openDestinations(
  names: readonly DestinationName[],
  { tablesDirectory, slowMs }: { readonly tablesDirectory: string; readonly slowMs: number },
): Promise<OpenDestinations> {
  await using starting = new AsyncDisposableStack();
  const secrets = await startAwsDouble();
  starting.defer(() => secrets.stop());
  const open = async (name: DestinationName) => {
    switch (name) {
      case 'file':
        return fileDestination(tablesDirectory);
      case 's3':
        return objectDestination(slowMs);
      case 'doris':
        return dorisDestination({ slowMs, secrets });
      case 'starrocks':
        return starrocksDestination({ slowMs, secrets });
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
    environment: Object.assign(
      { AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
      ...all.map(({ environment }) => environment),
    ),
    close: () => running.disposeAsync(),
  };
}
