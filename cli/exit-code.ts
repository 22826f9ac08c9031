/** What the command says to a script. */
export const EXIT = {
  fine: 0,
  /** The answer is no: not complete, not found, refused as things stand. */
  no: 1,
  /** The command line, or a file that it names, cannot be understood. */
  usage: 2,
  /** The installation cannot be reached, is in trouble, or does not let us in. */
  unreachable: 3,
  /** Ended by Ctrl-C, as shells say it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command line, or a file that it names, that cannot be understood. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** No answer. */
export class Unreachable extends Error {
  /** The request may have arrived, and done its work. */
  readonly mayHaveArrived: boolean;

  constructor(
    message: string,
    { mayHaveArrived, ...options }: ErrorOptions & { readonly mayHaveArrived: boolean },
  ) {
    super(message, options);
    this.name = 'Unreachable';
    this.mayHaveArrived = mayHaveArrived;
  }
}

/** A success whose answer we do not understand. */
export class StrangeAnswer extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StrangeAnswer';
  }
}
