/** `node bundle-command.ts <function> <directory> <arm64|x64>`: writes one function's bundle. */
import * as z from 'zod';
import { FUNCTION_NAMES } from '../settings/functions.ts';
import { bundleFunction } from './bundle-function.ts';

const [name, directory, architecture] = z
  .tuple([z.enum(FUNCTION_NAMES), z.string().min(1), z.enum(['arm64', 'x64'])])
  .parse(process.argv.slice(2));
await bundleFunction(name, { directory, architecture });
