import { spawnSync } from 'node:child_process';

/** What a module's code writes in a process of its own, each line parsed as JSON: stdout first, then stderr. */
// biome-ignore lint/suspicious/noExplicitAny: tests read what the lines say, and fail where they do not
export function writtenLines(code: string): any[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', code],
    { encoding: 'utf8', cwd: process.cwd(), env: { PATH: process.env.PATH } },
  );
  if (status !== 0) throw new Error(stderr);
  return `${stdout}${stderr}`
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
