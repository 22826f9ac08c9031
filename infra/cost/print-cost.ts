/** `npm run cost -- --gb-per-day 100 ...`: what a load costs, what dominates, and what would make it cheaper. */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { leversFor } from './levers.ts';
import { type Load, load } from './load.ts';
import { type Costs, costsOfInstallation, costsPerMonth, costsPerTb, sum } from './model.ts';

const option = (field: string) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const fields = Object.keys(load.shape);

function readLoad(args: readonly string[]): Load {
  const options = Object.fromEntries(fields.map((field) => [option(field), { type: 'string' }]));
  const { values } = parseArgs({
    args: [...args],
    options: options as Record<string, { type: 'string' }>,
  });
  const given = fields.flatMap((field) => {
    const value = values[option(field)];
    return value === undefined ? [] : [[field, value]];
  });
  return load.parse(Object.fromEntries(given));
}

function table(title: string, costs: Costs, unit: string): string {
  const rows = Object.entries(costs)
    .filter(([, cost]) => cost >= 0.005)
    .sort(([, a], [, b]) => b - a)
    .map(([what, cost]) => `  ${what.padEnd(28)}${cost.toFixed(2).padStart(10)}`);
  return [
    title,
    ...rows,
    `  ${'together'.padEnd(28)}${sum(costs).toFixed(2).padStart(10)} ${unit}`,
  ].join('\n');
}

function main(args: readonly string[]): number {
  try {
    const asked = readLoad(args);
    const levers = leversFor(asked).map(
      ({ advice, saves }) => `  ${saves.toFixed(2).padStart(10)}  ${advice}`,
    );
    const parts = [
      table('a TB loaded', costsPerTb(asked), 'dollars'),
      table('the installation, each month', costsOfInstallation(asked), 'dollars'),
      table(`${asked.gbPerDay} GB a day, each month`, costsPerMonth(asked), 'dollars'),
      ...(levers.length > 0 ? [['cheaper by, each month', ...levers].join('\n')] : []),
    ];
    process.stdout.write(`${parts.join('\n\n')}\n`);
    return 0;
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? error.issues
            .map(({ path, message }) => `--${option(path.join('.'))}: ${message}`)
            .join('\n')
        : error instanceof Error && error.message;
    process.stderr.write(
      `${reason}\noptions: ${fields.map((field) => `--${option(field)}`).join(' ')}\n`,
    );
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
