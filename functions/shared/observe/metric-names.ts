/**
 * Every metric that the functions emit, with its unit and what it counts, in this one place: alarms and
 * dashboard are made from the same list. The dimension of all is `service`: scheduler or loader.
 */
export const METRICS = {
  /** Cycles that ran to their end. */
  Cycles: { service: 'scheduler', unit: 'Count' },
  /** Jobs that a cycle looked at. */
  JobsVisited: { service: 'scheduler', unit: 'Count' },
  /** Jobs that a cycle had no time for. */
  JobsLeft: { service: 'scheduler', unit: 'Count' },
  /** Jobs that a cycle failed at. */
  JobsFailed: { service: 'scheduler', unit: 'Count' },
  /** Jobs with lanes that got no task since all tasks of the installation are live. */
  JobsSkipped: { service: 'scheduler', unit: 'Count' },
  /** RUNNING jobs with lag that commit nothing. */
  JobsStalled: { service: 'scheduler', unit: 'Count' },
  /** Jobs with a task whose commit cannot be confirmed. */
  JobsInDoubt: { service: 'scheduler', unit: 'Count' },
  /** Jobs that a problem has paused until a person acts; told while a cycle sees their tasks off, and then no more. */
  JobsHeld: { service: 'scheduler', unit: 'Count' },
  /** Jobs that a cycle found paused for a problem that passes, and not for the first time in a row. */
  JobsRetrying: { service: 'scheduler', unit: 'Count' },
  /** Records of one job that are in the log and not in the table; the maximum is the worst job's. */
  LagRecords: { service: 'scheduler', unit: 'Count' },
  /** For how long the lane of a job that is furthest behind has had lag and committed nothing. */
  LagSeconds: { service: 'scheduler', unit: 'Seconds' },
  /** Records that retention has still to delete before it reaches what a job has not loaded; the least partition's. */
  RetentionHeadroomRecords: { service: 'scheduler', unit: 'Count' },
  /** Age of the oldest record that a job has not loaded; told of each job in one of eight cycles. */
  UnloadedAgeSeconds: { service: 'scheduler', unit: 'Seconds' },
  /**
   * Hours until that record is as old as `retention.ms` lets records become, or `retention.bytes` reaches one that is not
   * loaded, whichever is sooner; told as often.
   */
  HoursUntilLoss: { service: 'scheduler', unit: 'None' },
  /** Memory times time of a cycle, and DynamoDB's units; all jobs that it looked at share them. */
  CycleGbSeconds: { service: 'scheduler', unit: 'None' },
  CycleReadUnits: { service: 'scheduler', unit: 'Count' },
  CycleWriteUnits: { service: 'scheduler', unit: 'Count' },
  /** Tasks that were committed. */
  TasksDone: { service: 'loader', unit: 'Count' },
  /** Attempts that failed. */
  TasksFailed: { service: 'loader', unit: 'Count' },
  /** Rows in the destination. */
  Rows: { service: 'loader', unit: 'Count' },
  /** Bytes of record values read. */
  Bytes: { service: 'loader', unit: 'Bytes' },
  /** Bad rows. */
  RowsRejected: { service: 'loader', unit: 'Count' },
  /** From the claim of a task to the advance of its lane. */
  TaskMs: { service: 'loader', unit: 'Milliseconds' },
  /** The destination's answer to a commit. */
  CommitMs: { service: 'loader', unit: 'Milliseconds' },
  /** What an attempt cost, done or failed: its part of the invocation's memory times time, and DynamoDB's units. */
  TaskGbSeconds: { service: 'loader', unit: 'None' },
  TaskReadUnits: { service: 'loader', unit: 'Count' },
  TaskWriteUnits: { service: 'loader', unit: 'Count' },
} as const satisfies Record<
  string,
  {
    service: 'scheduler' | 'loader';
    /** None: CloudWatch has no unit for hours and GB-seconds. */
    unit: 'Count' | 'Seconds' | 'Milliseconds' | 'Bytes' | 'None';
  }
>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;
