import { previewAnswer } from '../answers.ts';
import type { ApiRequest } from '../api-client.ts';
import { command, demandName } from '../command.ts';
import { EXIT, UsageError } from '../exit-code.ts';
import { patiently } from '../patiently.ts';
import { previewLines } from '../preview-lines.ts';
import { printAnswer, widthOf } from '../print.ts';
import { readJsonFile } from '../read-json-file.ts';

const LOOK_EVERY_MS = 500;

/** `preview`: what would it make of some records? */
export const preview = command({
  name: 'preview',
  words: ['file|-'],
  summary: 'what a specification would make of some records; loads nothing',
  options: { job: { type: 'string' }, from: { type: 'string' }, records: { type: 'string' } },
  help: [
    '  --job J       the file is a patch, as for alter, of this job; {} shows it as it is',
    '  --from F      earliest, latest, a time (2026-01-01T00:00:00Z) or {"0": "1200"} (default: the',
    '                last records; of a job those that it would load next)',
    '  --records N   how many, 1 to 100 (default: 20)',
  ],
  run: async ({ words: [file], values }, context) => {
    const asked = await context.ask(
      requestFor(await readJsonFile(file, context), values),
      previewAnswer,
    );
    const path = `/previews/${encodeURIComponent(asked.value.id)}`;
    const look = patiently(context, () => context.ask({ method: 'GET', path }, previewAnswer));
    for (;;) {
      const answer = await look();
      const { status } = answer.value;
      if (status === 'DONE' || status === 'FAILED') {
        printAnswer(context, answer, (found) => previewLines(found, widthOf(context.out)));
        return status === 'DONE' ? EXIT.fine : EXIT.no;
      }
      await context.clock.sleep(LOOK_EVERY_MS, context.signal);
    }
  },
});

function requestFor(
  written: Readonly<Record<string, unknown>>,
  {
    job,
    from,
    records,
  }: {
    readonly job?: string | undefined;
    readonly from?: string | undefined;
    readonly records?: string | undefined;
  },
): ApiRequest {
  const options = {
    ...(from !== undefined && { from: offsetsIn(from) }),
    ...(records !== undefined && { maxRecords: Number(records) }),
  };
  if (job === undefined) {
    return { method: 'POST', path: '/previews', body: { job: written, ...options } };
  }
  demandName('job', job);
  const path = `/jobs/${job}/preview`;
  return { method: 'POST', path, body: { patch: written, ...options } };
}

/** The API judges what it means. */
function offsetsIn(text: string): unknown {
  if (/^\d{4}-/.test(text)) return { timestamp: text };
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`--from must be JSON where it begins with a brace, got ${text}`, {
      cause,
    });
  }
}
