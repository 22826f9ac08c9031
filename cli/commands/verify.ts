import { proofAnswer } from '../answers.ts';
import { command } from '../command.ts';
import { completenessLines } from '../completeness-lines.ts';
import { EXIT } from '../exit-code.ts';
import { printAnswer, widthOf } from '../print.ts';

/** `verify`: the proof that nothing was left out. */
export const verify = command({
  name: 'verify',
  words: ['job'],
  summary: 'proves that each offset was loaded exactly once; code 1 when not',
  options: {},
  help: [
    "Proves from the records of finished tasks that every offset of the job's partitions, from where",
    'its loading began to where it stands, was loaded by exactly one task. Looks neither into the topic',
    'nor into the destination. Exit code 0 when nothing contradicts it, also when the proof does not',
    'reach back to the start because older tasks have expired; else 1.',
  ],
  run: async ({ words: [job] }, context) => {
    const answer = await context.ask({ method: 'GET', path: `/jobs/${job}/verify` }, proofAnswer);
    printAnswer(context, answer, (proof) => completenessLines(proof, widthOf(context.out)));
    return answer.value.complete === false ? EXIT.no : EXIT.fine;
  },
});
