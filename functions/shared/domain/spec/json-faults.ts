import { parseColumns } from './column-list.ts';
import type { JsonFormat } from './json-format.ts';
import { PATH_RULE, parseJsonPath } from './json-path.ts';
import type { MappingSpec } from './mapping.ts';
import type { SpecFault } from './spec-rule.ts';

/** The fields that `jsonPaths` finds, in their order: the names in `columns` that have no expression. */
export function namesOfPaths(columns: string | undefined): string[] {
  if (columns === undefined) return [];
  return parseColumns(columns).items.flatMap(({ name, expression }) =>
    expression === undefined ? [name] : [],
  );
}

/** What is wrong with paths where rows are written by us. */
export function jsonFaults(spec: MappingSpec): SpecFault[] {
  if (spec.format.type !== 'json') return [];
  const { jsonRoot, jsonPaths } = spec.format;
  const faults: SpecFault[] = [];
  if (jsonRoot !== undefined && parseJsonPath(jsonRoot) === undefined) {
    faults.push([['format', 'jsonRoot'], `${PATH_RULE}, got ${JSON.stringify(jsonRoot)}`]);
  }
  if (jsonPaths !== undefined) faults.push(...pathFaults(spec, jsonPaths));
  return faults;
}

function pathFaults(
  { columns, policies }: MappingSpec,
  paths: NonNullable<JsonFormat['jsonPaths']>,
): SpecFault[] {
  const at = ['format', 'jsonPaths'];
  const faults = paths.flatMap((path, i): SpecFault[] =>
    parseJsonPath(path) === undefined
      ? [[[...at, String(i)], `${PATH_RULE}, got ${JSON.stringify(path)}`]]
      : [],
  );
  const names = namesOfPaths(columns);
  if (names.length !== paths.length) {
    const message = `must have one path for each name in columns without an expression, got ${paths.length} for ${names.length}`;
    faults.push([at, message]);
  }
  if (policies?.unknownColumns === 'reject') {
    faults.push([at, 'cannot be given beside policies.unknownColumns reject']);
  }
  return faults;
}
