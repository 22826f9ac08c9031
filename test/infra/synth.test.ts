import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Resource } from '../support/stacks.ts';

/** The whole way of `cdk synth`, by its command line: bundles, templates, and all checks on them. */

let directory: string;
let template: Record<string, Resource>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'routine-load-synth-'));
  // No credentials and no region: what must be looked up would fail here.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, AWS_EC2_METADATA_DISABLED: 'true' };
  execFileSync('npx', ['cdk', 'synth', '--quiet', '--output', directory], { env, stdio: 'pipe' });
  template = (await readJson('RoutineLoadExample.template.json')).Resources;
}, 120_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

async function readJson(file: string) {
  return JSON.parse(await readFile(join(directory, file), 'utf8'));
}

/** What a function is deployed as, by the hash in its place in S3. */
async function bundleOf(part: string): Promise<string> {
  const [, lambda] = Object.entries(template).find(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.includes(part),
  ) ?? ['', undefined];
  const hash = lambda?.Properties.Code.S3Key.replace('.zip', '');
  return readFile(join(directory, `asset.${hash}`, 'index.mjs'), 'utf8');
}

describe('cdk synth', () => {
  it('needs nothing of an account', async () => {
    const manifest = await readJson('manifest.json');

    expect(manifest.missing ?? []).toEqual([]);
  });

  it('finds nothing wrong, by CloudFormation’s schemas and by cdk-nag', async () => {
    const { pluginReports = [] } = await readJson('validation-report.json');
    const violations = pluginReports.flatMap(
      (report: { violations: unknown[] }) => report.violations,
    );

    expect(violations).toEqual([]);
  });

  it('gives every function its own bundle', async () => {
    const [scheduler, loader, api] = await Promise.all([
      bundleOf('SchedulerCycle'),
      bundleOf('LoaderTask'),
      bundleOf('ApiJobs'),
    ]);

    expect(scheduler).toContain('job could not be visited');
    expect(loader).toContain('task lost to another attempt');
    expect(api).toContain('there is nothing at this path');
  });
});
