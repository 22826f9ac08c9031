import { deletionOf } from '#shared/domain/spec/deletion.ts';
import type { DorisDestination } from '#shared/domain/spec/doris-destination.ts';
import { asHeaders, commonSettings, type LoadSpec } from '../stream-load/load-headers.ts';

/**
 * A load whose loader died keeps its transaction, and with it one of the database's, until this many seconds
 * are over; Doris' own default is three days. A loader lives a quarter of an hour at most.
 */
const DEFAULT_TIMEOUT_SECONDS = 900;

/** The headers of one Stream Load, by the names of Doris 2 to 4. */
export function dorisHeaders(
  spec: LoadSpec,
  doris: DorisDestination,
  label: string,
): Record<string, string> {
  const common = commonSettings(spec, doris);
  return asHeaders({
    ...common,
    label,
    two_phase_commit: true,
    timeout: doris.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    read_json_by_line: common.format === 'json' ? true : undefined,
    merge_type: doris.mergeType,
    delete: doris.deleteOn,
    'function_column.sequence_col': doris.sequenceColumn,
    hidden_columns: hiddenColumns(spec, doris)?.join(','),
    partial_columns: doris.partialColumns,
    unique_key_update_mode: doris.uniqueKeyUpdateMode,
    partial_update_new_key_behavior: doris.partialUpdateNewKeyBehavior,
    num_as_string: doris.numAsString,
    fuzzy_parse: doris.fuzzyParse,
    trim_double_quotes: doris.trimDoubleQuotes,
    empty_field_as_null: doris.emptyFieldAsNull,
    send_batch_parallelism: doris.sendBatchParallelism,
    load_to_single_tablet: doris.loadToSingleTablet,
    exec_mem_limit: doris.execMemLimit,
    // The older name, which newer versions still read.
    cloud_cluster: doris.computeGroup,
    compute_group: doris.computeGroup,
  });
}

/** Doris reads hidden columns beside the table's own only where no columns are named. */
function hiddenColumns(spec: LoadSpec, doris: DorisDestination): readonly string[] | undefined {
  const deletion = deletionOf(spec);
  if (deletion === undefined || spec.columns !== undefined) return doris.hiddenColumns;
  return [...new Set([...(doris.hiddenColumns ?? []), deletion.signColumn])];
}
