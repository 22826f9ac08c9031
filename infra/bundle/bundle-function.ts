import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
 * Writes what Lambda gets of a function: one minified ES module with its source map, and the native packages
 * beside it. The stack and the tests of the bundles both call this.
 *
 * @returns esbuild's account of what went in
 * @throws {Error} when a source does not compile, or native packages are not to be had
 */
export async function bundleFunction(name: FunctionName, place: BundlePlace): Promise<Metafile> {
  const { directory } = place;
  const outfile = join(directory, BUNDLE_FILE);
  mkdirSync(directory, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [`functions/${name}/handler.ts`],
    outfile,
    bundle: true,
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
  installNativePackages(nativePackagesOf(readFileSync(outfile, 'utf8')), place);
  return metafile;
}
