import { type FailureCode, LoadFailure } from '#shared/domain/failure.ts';

/**
 * What the words of Doris and StarRocks mean for us. Codes and prefixes differ between versions, so texts are
 * searched and never compared; the first that matches counts.
 */
const MEANINGS: readonly (readonly [RegExp, FailureCode])[] = [
  // Too many versions of a tablet: compaction has to catch up.
  [/-235\b|too many versions|too many tablet versions/i, 'SINK_THROTTLED'],
  [/running txns on db|too many (running|pending)|txn_num_exceed/i, 'SINK_THROTTLED'],
  [/mem(ory)?[ _](limit|alloc)|exceed(ed)? (the )?memory/i, 'SINK_THROTTLED'],
  [/no space left|capacity limit|disk .*(full|usage)|exceed capacity/i, 'SINK_OUT_OF_SPACE'],
  [/not_authorized|access denied|unauthorized|privilege/i, 'SINK_AUTH_FAILED'],
  [/unknown column|column .*(not found|does not exist|mismatch)/i, 'SCHEMA_MISMATCH'],
  [/no (alive |available )?backend|backend .*(not alive|not available|lost)/i, 'SINK_UNREACHABLE'],
  [/time ?out|cancelled|connection|rpc failed|network|not master/i, 'SINK_UNREACHABLE'],
];

/** The failure of a load that the destination refused with that text. */
export function refusedLoad(message: string): LoadFailure {
  const text = message.slice(0, 1_000);
  const code = MEANINGS.find(([words]) => words.test(text))?.[1] ?? 'SINK_REJECTED';
  return new LoadFailure(code, `the destination refuses the load: ${text}`);
}
