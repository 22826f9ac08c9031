import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction, moduleSizes } from '../../infra/bundle/bundle-function.ts';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/settings/functions.ts';

/** What the bundles weigh, at once and in chunks that only some job loads, for both processors, and that their machine code is for the right one. */

const KB = 1_024;
const MB = 1_024 * KB;
/** What a cold start loads. */
const MODULE_BUDGET: Readonly<Record<FunctionName, number>> = {
  scheduler: 700 * KB,
  loader: 900 * KB,
  api: 600 * KB,
};
/** A format's library, or a client that only some jobs need. */
const CHUNK_BUDGET = 180 * KB;
/** Lambda's own limit, for everything together: "Lambda quotas", deployment package, unzipped. */
const LAMBDA_LIMIT = 250 * MB;
/** `e_machine` in an ELF header. */
const MACHINES = { arm64: 0xb7, x64: 0x3e } as const;

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'routine-load-sizes-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe.each(['arm64', 'x64'] as const)('for %s', (architecture) => {
  it.each(FUNCTION_NAMES)('%s keeps to its budget', async (name) => {
    const directory = join(root, architecture, name);
    const metafile = await bundleFunction(name, { directory, architecture });

    const all = await sizeOf(await filesOf(directory));
    const { eager, lazy } = moduleSizes(metafile);

    const chunks = [...lazy].map(([file, bytes]) => `${file} ${Math.round(bytes / KB)} KB`);
    console.log(
      `${name} ${architecture}: ${Math.round(eager / KB)} KB minified at once, ${(all / MB).toFixed(1)} MB unzipped; later: ${chunks.join(', ')}`,
    );
    expect(eager).toBeLessThanOrEqual(MODULE_BUDGET[name]);
    for (const bytes of lazy.values()) expect(bytes).toBeLessThanOrEqual(CHUNK_BUDGET);
    expect(all).toBeLessThan(LAMBDA_LIMIT);
  });

  it('the loader loads what decodes by a schema, and S3’s client, only when a job asks for it', async () => {
    const directory = join(root, architecture, 'lazy');
    const { lazy } = moduleSizes(await bundleFunction('loader', { directory, architecture }));

    const chunks = [...lazy.keys()].map((file) => file.replace(/-[^-]+$/, ''));
    expect(chunks).toEqual(
      expect.arrayContaining([
        ...['avro-schema', 'protobuf-schema', 'json-schema', 'glue-registry'],
        ...['s3', 's3-clients'],
      ]),
    );
  });

  it('the loader’s machine code is for that processor alone', async () => {
    const directory = join(root, architecture, 'native');
    await bundleFunction('loader', { directory, architecture });

    const native = (await filesOf(directory)).filter((file) => /\.(node|so)(\.|$)/.test(file));
    const machines = await Promise.all(
      native.map(async (file) => (await readFile(file)).readUInt16LE(18)),
    );

    expect(native.length).toBeGreaterThanOrEqual(3);
    expect(new Set(machines)).toEqual(new Set([MACHINES[architecture]]));
  });
});
