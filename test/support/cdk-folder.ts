import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/** Makes the folder that apps of the CDK put their output in, and removes it when the tests are over. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'routine-load-cdk-'));
  project.provide('cdkFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
