/** Writes one line of JSON per event; CloudWatch Logs takes them as they are. Facts never hold secrets. */
export type Log = (message: string, facts: Readonly<Record<string, unknown>>) => void;

/** A log whose lines all carry the function's name. */
export function makeLog(service: string): Log {
  return (message, facts) => {
    const line = JSON.stringify({ service, message, ...facts }, (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    process.stdout.write(`${line}\n`);
  };
}
