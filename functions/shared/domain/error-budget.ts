/** Whether a slice has too many bad rows to be committed. */

/** #313 counts bad rows per ten thousand. */
const WINDOW_ROWS = 10_000;

/** Rows seen and bad among them since the window began. */
export interface ErrorWindow {
  readonly rows: number;
  readonly bad: number;
}

/** A job's `errors`. */
export interface ErrorLimits {
  readonly maxPerTenThousand: number;
  readonly maxFilterRatio: number;
}

/** `within`, or `over` with a sentence that names the limit. */
export type ErrorVerdict =
  | { readonly verdict: 'within' }
  | { readonly verdict: 'over'; readonly message: string };

/**
 * Judges a slice's rows (`rows` counts the bad ones too) before it is decided.
 *
 * - `maxPerTenThousand`: over the lane's current window of ten thousand rows, of which a small slice is
 *   only a part, so that one bad row among five is not 2,000 per ten thousand;
 * - `maxFilterRatio`: bad rows to all rows of this slice alone, as Stream Load's max_filter_ratio.
 */
export function judgeErrors(
  window: ErrorWindow,
  slice: ErrorWindow,
  limits: ErrorLimits,
): ErrorVerdict {
  const rows = window.rows + slice.rows;
  const bad = window.bad + slice.bad;
  // Multiplied before it is divided: 10,000 * (10,003 / 10,000) is 10,002.999..., one row too few.
  const allowed = Math.floor(
    (limits.maxPerTenThousand * Math.max(WINDOW_ROWS, rows)) / WINDOW_ROWS,
  );
  if (slice.bad > 0 && bad > allowed) {
    return {
      verdict: 'over',
      message: `${bad} bad rows among the last ${rows}, allowed: ${allowed} (errors.maxPerTenThousand is ${limits.maxPerTenThousand})`,
    };
  }
  const ratio = slice.rows === 0 ? 0 : slice.bad / slice.rows;
  if (ratio > limits.maxFilterRatio) {
    return {
      verdict: 'over',
      message: `${slice.bad} of ${slice.rows} rows are bad (ratio ${ratio.toFixed(4)}), allowed: errors.maxFilterRatio ${limits.maxFilterRatio}`,
    };
  }
  return { verdict: 'within' };
}

/** The window after a slice that was committed: a full one begins anew. */
export function slideWindow(window: ErrorWindow, slice: ErrorWindow): ErrorWindow {
  const rows = window.rows + slice.rows;
  return rows >= WINDOW_ROWS ? { rows: 0, bad: 0 } : { rows, bad: window.bad + slice.bad };
}
