/**
 * `npm run lint:templates`: cfn-lint, AWS' own linter, over the templates in cdk.out. It is a Python program. One on
 * the path is used; otherwise Python puts the pinned version into a folder of ours. Where there is neither Python
 * nor a way to its packages, a line says that nothing was linted, and that is no error: Python is not among
 * what this project asks of a machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './bundle/project-root.ts';

const VERSION = '1.51.0';
const HOME = join(PROJECT_ROOT, `.local/cache/cfn-lint-${VERSION}`);

/** W3005: CDK names dependencies that an attribute implies already, which does no harm. */
const IGNORED = ['W3005'];

function runs(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** The linter's command; `undefined` when it is not to be had. */
function findLinter(): string | undefined {
  if (runs('cfn-lint', '--version')) return 'cfn-lint';
  const own = join(HOME, 'bin/cfn-lint');
  if (existsSync(own)) return own;
  const isInstalled =
    runs('python3', '-m', 'venv', HOME) &&
    // Without a network pip would try for minutes before it says so.
    runs(
      join(HOME, 'bin/pip'),
      ...['install', '--quiet', '--retries', '0', '--timeout', '20', `cfn-lint==${VERSION}`],
    );
  if (isInstalled) return own;
  rmSync(HOME, { recursive: true, force: true });
  return undefined;
}

function main(): number {
  const folder = join(PROJECT_ROOT, 'cdk.out');
  const templates = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  const linter = findLinter();
  if (linter === undefined) {
    process.stdout.write('cfn-lint was not run: it needs python3 with venv, and its packages\n');
    return 0;
  }
  const args = ['--ignore-checks', ...IGNORED, '--template', ...templates];
  const { status } = spawnSync(linter, args, { cwd: folder, stdio: 'inherit' });
  if (status === 0) process.stdout.write(`cfn-lint: ${templates.join(', ')}: nothing found\n`);
  return status ?? 1;
}

process.exitCode = main();
