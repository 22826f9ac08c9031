import { readFile, writeFile } from 'node:fs/promises';
import type { LocalFolders, LocalSettings } from './local-settings.ts';

/**
 * Remembers which servers the data of earlier runs belongs to: jobs of one broker's topics and tables
 * full of their rows make no sense with another.
 *
 * @throws {Error} when this run would use others
 */
export async function requireSameServers(
  { KAFKA_BROKERS, DYNAMODB_ENDPOINT }: LocalSettings,
  { serversFile, root }: LocalFolders,
): Promise<void> {
  const now = JSON.stringify({
    kafka: KAFKA_BROKERS?.toSorted().join(',') ?? 'our own',
    dynamodb: DYNAMODB_ENDPOINT ?? 'our own',
  });
  const before = await readFile(serversFile, 'utf8').catch(() => undefined);
  if (before === undefined) {
    await writeFile(serversFile, now);
    return;
  }
  if (before !== now) {
    throw new Error(
      `the data under ${root} belongs to the servers ${before}, got ${now}: ` +
        'use those again (KAFKA_BROKERS, DYNAMODB_ENDPOINT), or begin anew with --fresh',
    );
  }
}
