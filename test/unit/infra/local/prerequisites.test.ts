import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  requireJava,
  requireMaven,
  requirePathWithoutComma,
} from '../../../../infra/local/prerequisites.ts';

let directory: string;
const path = process.env.PATH;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'prerequisites-'));
  process.env.PATH = directory;
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(directory, { recursive: true });
});

/** Puts a command on the otherwise empty PATH. */
async function install(command: string, script: string): Promise<void> {
  const file = join(directory, command);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

test('a machine without Java or Maven is told in one sentence what to install', async () => {
  await expect(requireJava()).rejects.toThrow(/^Java is missing: install Java 17 or later/);
  await expect(requireMaven()).rejects.toThrow(/^Maven is missing: install it/);
});

test.each([
  ['1.8.0_412', '8'],
  ['11.0.2', '11'],
])('Java %s is too old', async (version, major) => {
  await install('java', `echo 'openjdk version "${version}" 2025-04-15' >&2`);
  await expect(requireJava()).rejects.toThrow(`Java ${major} is too old: install Java 17 or later`);
});

test.each(['17.0.15', '21', '25-ea'])('Java %s will do', async (version) => {
  await install('java', `echo 'openjdk version "${version}" 2025-04-15' >&2`);
  await requireJava();
});

test('Maven will do when it runs', async () => {
  await install('mvn', 'exit 0');
  await requireMaven();
});

test('a path with a comma is refused in one sentence, any other will do', () => {
  expect(() => requirePathWithoutComma('/home/me/a,b/.local/broker')).toThrow(
    'the path must have no comma, since lists of directories are written with them, got /home/me/a,b/.local/broker: move the checkout',
  );
  requirePathWithoutComma('/home/jörg; me/.local');
});
