import * as z from 'zod';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { printLines } from '../print.ts';

/** All of it, in its own order. */
const specified = z.object({ spec: z.record(z.string(), z.unknown()) });

/** `spec`: the specification, for create and alter. */
export const spec = command({
  name: 'spec',
  words: ['job'],
  summary: 'its specification, with all defaults, to be used with create again',
  options: {},
  help: [],
  run: async ({ words: [job] }, context) => {
    const { value } = await context.ask({ method: 'GET', path: `/jobs/${job}` }, specified);
    printLines(context, [JSON.stringify(value.spec, undefined, context.json ? undefined : 2)]);
    return EXIT.fine;
  },
});
