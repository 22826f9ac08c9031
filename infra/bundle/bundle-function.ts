import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import type { FunctionName } from '../settings/functions.ts';
import { kafkajsParts } from './kafkajs-parts.ts';
import {
  type BundlePlace,
  installNativePackages,
  NATIVE_PACKAGES,
  nativePackagesOf,
} from './native-packages.ts';
import { PROJECT_ROOT } from './project-root.ts';

/** The module's file in a bundle; Lambda's `handler` is `index.handler`. */
export const BUNDLE_FILE = 'index.mjs';

const CREDENTIALS = join(PROJECT_ROOT, 'infra/bundle/lambda-credentials.ts');

/**
 * Packages of CommonJS, kafkajs among them, ask for Node's modules by `require`, which an ES module does not
 * have. The name must be one that no source uses.
 */
const REQUIRE_BANNER =
  "import { createRequire as __bundleRequire } from 'node:module';const require = __bundleRequire(import.meta.url);";

/**
 * Writes what Lambda gets of a function: a minified ES module with its source map, chunks of what it loads only
 * when a job needs it, and the native packages beside them. The stack and the tests of the bundles both call this.
 *
 * @returns esbuild's account of what went in
 * @throws {Error} when a source does not compile, or native packages are not to be had
 */
export async function bundleFunction(name: FunctionName, place: BundlePlace): Promise<Metafile> {
  const { directory } = place;
  mkdirSync(directory, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: { index: `functions/${name}/handler.ts` },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first: only they can be shaken, and the SDK's are half the size of its CommonJS.
    mainFields: ['module', 'main'],
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'error',
    banner: { js: REQUIRE_BANNER },
    external: [...NATIVE_PACKAGES],
    plugins: [kafkajsParts],
    alias: {
      '@aws-sdk/credential-provider-node': CREDENTIALS,
      '@aws-sdk/credential-providers': CREDENTIALS,
      '@aws-sdk/client-sts': CREDENTIALS,
    },
  });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}\n');
  const modules = Object.keys(metafile.outputs).filter((path) => path.endsWith('.mjs'));
  const code = modules.map((path) => readFileSync(resolve(PROJECT_ROOT, path), 'utf8'));
  installNativePackages(nativePackagesOf(code.join('\n')), place);
  return metafile;
}

/** A bundle's modules by when they are loaded; each in bytes. */
export interface ModuleSizes {
  /** At once, with the module that Lambda names. */
  readonly eager: number;
  /** Each of the chunks that only some job needs. */
  readonly lazy: ReadonlyMap<string, number>;
}

/** Weighs a bundle by esbuild's account of it. */
export function moduleSizes({ outputs }: Metafile): ModuleSizes {
  const eager = new Set<string>();
  const visit = (path: string) => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && outputs[next]) visit(next);
    }
  };
  const modules = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'));
  for (const [path] of modules) if (basename(path) === BUNDLE_FILE) visit(path);
  return {
    eager: [...eager].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0),
    lazy: new Map(
      modules
        .filter(([path]) => !eager.has(path))
        .map(([path, { bytes }]) => [basename(path), bytes]),
    ),
  };
}
