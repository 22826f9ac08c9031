import { Logger } from '@aws-lambda-powertools/logger';

/** Writes one line of JSON per event; CloudWatch Logs takes them as they are. Facts never hold secrets. */
export type Log = (message: string, facts: Readonly<Record<string, unknown>>) => void;

/**
 * A log whose lines all carry the function's name, the time and, on Lambda, the trace's id. What tells of a
 * failure, by its `code` or `error`, is a warning.
 *
 * A fact called `message` is written as `reason`: the line has a message of its own.
 */
export function makeLog(service: string): Log {
  const logger = new Logger({ serviceName: service });
  return (message, { message: reason, ...facts }) => {
    const extra = reason === undefined ? facts : { ...facts, reason };
    if ('code' in facts || 'error' in facts) logger.warn(message, extra);
    else logger.info(message, extra);
  };
}
