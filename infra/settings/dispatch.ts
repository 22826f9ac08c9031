/**
 * How the Tasks stream starts loaders, once for AWS and for one machine: the deployed pipe and the local
 * one read this.
 */

/** As in `CreatePipe`: an event passes when any of the filters matches; each is an event pattern as JSON. */
export interface FilterCriteria {
  readonly Filters: readonly { readonly Pattern: string }[];
}

/**
 * What the pipe lets through: records whose new image is a task that waits for a loader.
 *
 * The event's name is left out on purpose: a re-offered task is a MODIFY, a new one an INSERT, and
 * anything without a new image cannot match.
 */
export const PIPE_FILTER_CRITERIA: FilterCriteria = {
  Filters: [
    { Pattern: JSON.stringify({ dynamodb: { NewImage: { status: { S: ['PENDING'] } } } }) },
  ],
};

/**
 * What of a record a loader is told: its keys. A task can have 400 KB, and Lambda takes 256 KB of an event that nobody
 * waits for; the loader reads the task anyway.
 */
export const PIPE_INPUT_TEMPLATE = '{"dynamodb": {"Keys": <$.dynamodb.Keys>}}';

/** Where a pipe without a checkpoint begins. With LATEST, records written while it is being made are missed. */
export const PIPE_STARTING_POSITION = 'TRIM_HORIZON';

/** One invocation per task: tasks in one invocation would share its time and its end. */
export const PIPE_BATCH_SIZE = 1;

/**
 * Tries to hand a record over, and how old (s) it may be. Both are small: the record is a hint, and the
 * scheduler offers again after two cycles what nobody claimed.
 */
export const PIPE_MAX_RETRIES = 3;
/** See {@link PIPE_MAX_RETRIES}. */
export const PIPE_MAX_RECORD_AGE_S = 300;

/** The pipe waits until Lambda has taken the event, not until the loader is done. */
export const PIPE_INVOCATION_TYPE = 'FIRE_AND_FORGET';
