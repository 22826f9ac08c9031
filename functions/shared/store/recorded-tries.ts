/** The part of a command of the SDK that is needed here; structural, since the commands' types differ. */
interface CommandWithStack {
  readonly middlewareStack: {
    add(
      middleware: <A, R>(next: (args: A) => Promise<R>) => (args: A) => Promise<R>,
      options: { step: 'deserialize'; priority: 'high'; name: string },
    ): void;
  };
}

/**
 * Collects the error of every try that the SDK makes for a command, also of those it repeats silently.
 * The `deserialize` step lies inside the SDK's retries, so each try passes it once.
 */
export function recordTries(command: CommandWithStack): readonly unknown[] {
  const errors: unknown[] = [];
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        errors.push(error);
        throw error;
      }
    },
    { step: 'deserialize', priority: 'high', name: 'recordTries' },
  );
  return errors;
}
