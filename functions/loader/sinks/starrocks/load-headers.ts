import type { StarrocksDestination } from '#shared/domain/spec/starrocks-destination.ts';
import { asHeaders, commonSettings, type LoadSpec } from '../stream-load/load-headers.ts';

/** Longer than a loader lives; StarRocks' own default is ten minutes. */
const DEFAULT_TIMEOUT_SECONDS = 900;

/** The headers of every request of a transaction. */
export function transactionHeaders(
  starrocks: Pick<StarrocksDestination, 'database' | 'warehouse'>,
  label: string,
): Record<string, string> {
  return asHeaders({ label, db: starrocks.database, warehouse: starrocks.warehouse });
}

/** The headers of `begin`, besides those of every request. */
export function beginHeaders(starrocks: StarrocksDestination): Record<string, string> {
  return asHeaders({
    table: starrocks.table,
    timeout: starrocks.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
    idle_transaction_timeout: starrocks.idleTimeoutSeconds,
  });
}

/** The headers of `prepare`, besides those of every request. */
export function prepareHeaders(starrocks: StarrocksDestination): Record<string, string> {
  return asHeaders({ prepared_timeout: starrocks.preparedTimeoutSeconds });
}

/** The headers of `load`, besides those of every request; the same for all loads of a transaction. */
export function loadHeaders(
  spec: LoadSpec,
  starrocks: StarrocksDestination,
): Record<string, string> {
  return asHeaders({
    ...commonSettings(spec, starrocks),
    table: starrocks.table,
    ignore_json_size: starrocks.ignoreJsonSize,
    trim_space: starrocks.trimSpace,
    partial_update: starrocks.partialUpdate,
    partial_update_mode: starrocks.partialUpdateMode,
    merge_condition: starrocks.mergeCondition,
    load_mem_limit: starrocks.loadMemLimit,
    log_rejected_record_num: starrocks.logRejectedRecordNum,
  });
}
