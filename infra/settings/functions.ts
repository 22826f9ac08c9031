/** What the three functions get of Lambda, once for the stack and for one machine. */

/** The product's functions; each is `functions/<name>/handler.ts`. */
export const FUNCTION_NAMES = ['scheduler', 'loader', 'api'] as const;
/** One of {@link FUNCTION_NAMES}. */
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** Limits of a function. */
export interface FunctionLimits {
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/**
 * The loader gets all the time that Lambda gives, since a warm loader goes on with its lane, and one whole
 * CPU, which begins at 1769 MB. API Gateway waits 30 s for an integration. A cycle fits its minute; what it
 * leaves undone is for the next.
 */
export const FUNCTION_LIMITS: Readonly<Record<FunctionName, FunctionLimits>> = {
  scheduler: { timeoutMs: 60_000, memoryMb: 512 },
  loader: { timeoutMs: 900_000, memoryMb: 1_769 },
  api: { timeoutMs: 30_000, memoryMb: 512 },
};

/** How often EventBridge starts a cycle; its floor is a minute. */
export const CYCLE_MS = 60_000;

/** Two cycles may overlap, which does no harm; more would only pile up. */
export const SCHEDULER_CONCURRENCY = 2;
