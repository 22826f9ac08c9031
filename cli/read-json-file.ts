import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { CommandContext } from './command.ts';
import { UsageError } from './exit-code.ts';
import { oneLine } from './figures.ts';

/**
 * A JSON object out of a file, or with `-` out of the standard input.
 *
 * @throws {UsageError}
 */
export async function readJsonFile(
  path: string,
  { input }: Pick<CommandContext, 'input'>,
): Promise<Readonly<Record<string, unknown>>> {
  const name = path === '-' ? 'the standard input' : path;
  const value = parsed(path === '-' ? await text(input) : await fileText(path), name);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new UsageError(`${name} must hold a JSON object, got ${kindOf(value)}`);
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new UsageError(`${path} cannot be read: ${code}`, { cause });
  }
}

function parsed(json: string, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const said = oneLine(cause instanceof Error ? cause.message : String(cause));
    throw new UsageError(`${name} must hold JSON, it does not: ${said}`, { cause });
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return value === null ? 'null' : `a ${typeof value}`;
}
