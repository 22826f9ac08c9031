import { alterRunning, patchJob } from '../alter-running.ts';
import { stateText } from '../change-state.ts';
import { command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { printAnswer } from '../print.ts';
import { readJsonFile } from '../read-json-file.ts';

/** `alter`: another specification. */
export const alter = command({
  name: 'alter',
  words: ['job', 'patch|-'],
  summary: 'changes its specification by a JSON merge patch, or its offsets',
  options: { running: { type: 'boolean' } },
  help: [
    '  {"desiredConcurrency": 3}        a field; null takes it away, what is not named stays',
    '  {"seek": {"0": "1200"}}          the next offset of partition 0; {"seek": null} withdraws it again',
    '  --running     also a job that runs: pauses it, waits until no task is in flight, alters it and',
    '                resumes it; one that was paused before stays so',
  ],
  run: async ({ words: [job, file], values }, context) => {
    const alteration = { job, patch: await readJsonFile(file, context), file };
    const answer = values.running
      ? await alterRunning(context, alteration)
      : await patchJob(context, alteration);
    printAnswer(context, answer, (value) => [`altered: ${stateText(value)}`]);
    return EXIT.fine;
  },
});
