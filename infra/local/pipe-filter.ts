/**
 * What the pipe lets through: records whose new image is a task that waits for a loader. In the syntax
 * of EventBridge Pipes (FilterCriteria, one event pattern as JSON per filter), so that the deployed pipe
 * and the local one read the same data.
 *
 * The event's name is left out on purpose: a re-offered task is a MODIFY, a new one an INSERT, and
 * anything without a new image cannot match.
 */
export const PIPE_FILTER_CRITERIA: FilterCriteria = {
  Filters: [
    { Pattern: JSON.stringify({ dynamodb: { NewImage: { status: { S: ['PENDING'] } } } }) },
  ],
};

/** As in `CreatePipe`: an event passes when any of the filters matches. */
export interface FilterCriteria {
  readonly Filters: readonly { readonly Pattern: string }[];
}
