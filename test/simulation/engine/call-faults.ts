/** What can go wrong at a port call. */
export const CALL_FAULTS = [
  /** The process dies before the call takes effect, or right after. */
  'crash-before',
  'crash-after',
  /** Surely not applied: throttled, or in conflict with a transaction. */
  'refused',
  /** The answer is lost, and the effect with it; or only the answer; or the effect comes later. */
  'lost-unapplied',
  'lost-applied',
  'lost-late',
  /** The client repeats a call whose answer it missed: an applied write comes back as a failed condition. */
  'repeated-by-client',
  /** An index shows what it showed before. */
  'stale-index',
  /** The call takes up to minutes; the process runs on beside it. */
  'slow',
  /** The whole process stands still, often for longer than its lease. */
  'frozen',
  /** The process' clock jumps by minutes, forward or back. */
  'clock-jump',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** What a call is to, since not everything can go wrong everywhere. */
export type CallKind = 'read' | 'index' | 'write' | 'kafka' | 'sink' | 'request' | 'disk';

const ANYWHERE = ['crash-before', 'refused', 'slow', 'frozen', 'clock-jump'] as const;
const EFFECTS = ['crash-after', 'lost-unapplied', 'lost-applied', 'lost-late'] as const;

/** What can go wrong at each kind of call. */
export const APPLICABLE: Readonly<Record<CallKind, readonly CallFault[]>> = {
  read: ANYWHERE,
  index: [...ANYWHERE, 'stale-index'],
  kafka: ANYWHERE,
  write: [...ANYWHERE, ...EFFECTS, 'repeated-by-client'],
  sink: [...ANYWHERE, ...EFFECTS],
  /** To a server, by a client that may repeat it. */
  request: [...ANYWHERE, ...EFFECTS, 'repeated-by-client'],
  /** What a disk says that it did not do can have been done, but is not done later. */
  disk: [...ANYWHERE, 'crash-after', 'lost-unapplied', 'lost-applied'],
};

/** Reads that nobody waits for any more do no harm; writes would be done by a sandbox that thaws. */
export function hasEffect(kind: CallKind): boolean {
  return kind !== 'read' && kind !== 'index' && kind !== 'kafka';
}
