import { randomUUID } from 'node:crypto';
import { jobAnswer } from '../answers.ts';
import { type CommandContext, command } from '../command.ts';
import { EXIT, Unreachable } from '../exit-code.ts';
import { oneLine } from '../figures.ts';
import { printAnswer } from '../print.ts';
import { Refused } from '../problem-text.ts';
import { readJsonFile } from '../read-json-file.ts';

/** `create`: a job of a specification. */
export const create = command({
  name: 'create',
  words: ['file|-'],
  summary: 'creates a job of a specification in JSON and prints its id',
  options: { name: { type: 'string' }, key: { type: 'string' } },
  help: [
    '  --name N      instead of the name in the specification',
    '  --key K       names this request: repeated with the same key and specification, also much',
    '                later, it prints the id of the job that it made (default: another each time)',
  ],
  run: async ({ words: [file], values }, context) => {
    const { name, key = randomUUID() } = values;
    const written = await readJsonFile(file, context);
    const body = name === undefined ? written : { ...written, name };
    const again = ['create', file, ...(name === undefined ? [] : ['--name', name]), '--key', key];
    const answer = await createOnce(context, { body, key, again });
    printAnswer(context, answer, ({ id }) => [id]);
    const { err, typed } = context;
    const { id, state } = answer.value;
    const replayed = answer.headers.get('idempotency-replayed') === 'true';
    if (replayed || err.isTTY) {
      const how = replayed ? 'was created before with this key, and is' : 'is';
      err.write(`${oneLine(answer.value.name)} ${how} ${state}; ${typed('watch', id)}\n`);
    }
    return EXIT.fine;
  },
});

interface Creation {
  readonly body: Readonly<Record<string, unknown>>;
  readonly key: string;
  /** The command that repeats it. */
  readonly again: readonly string[];
}

async function createOnce({ ask, typed }: CommandContext, { body, key, again }: Creation) {
  try {
    const headers = { 'idempotency-key': key };
    return await ask({ method: 'POST', path: '/jobs', body, headers }, jobAnswer);
  } catch (error) {
    if (!mayHaveCreated(error)) throw error;
    throw new Unreachable(
      `${error.message}\nwhether the job was created is not known; this tells, and creates it at most once: ${typed(...again)}`,
      { cause: error, mayHaveArrived: true },
    );
  }
}

function mayHaveCreated(error: unknown): error is Error {
  if (error instanceof Refused) return error.status >= 500;
  return error instanceof Unreachable && error.mayHaveArrived;
}
