import { Rate } from '../infra/local/demo/rate.ts';
import { Screen } from '../infra/local/demo/screen.ts';
import type { JobAnswer } from './answers.ts';
import type { ApiAnswer } from './api-client.ts';
import type { CommandContext } from './command.ts';
import { byteSize, counted, grouped, oneLine } from './figures.ts';
import { jobLines } from './job-page.ts';
import { printLines, widthOf } from './print.ts';
import { sparkline } from './sparkline.ts';
import { styledState } from './style.ts';
import { cut } from './table.ts';

/** Shows a job again and again. */
export interface JobWatch {
  show(answer: ApiAnswer<JobAnswer>): void;
  /** What is wrong meanwhile. */
  trouble(error: Error): void;
  /** What was shown last stays. */
  end(): void;
}

/** The API's answers as they are, one line each, where they differ. */
export function answerWatch(context: CommandContext): JobWatch {
  let last: string | undefined;
  return {
    show: ({ text }) => {
      if (text !== last) printLines(context, [text]);
      last = text;
    },
    trouble: toldOnce(context),
    end: () => undefined,
  };
}

/** A line for each change. */
export function lineWatch(context: CommandContext): JobWatch {
  const { clock } = context;
  const rate = new Rate();
  let last: string | undefined;
  return {
    show: ({ value }) => {
      const now = clock.now();
      rate.add({ at: now, ...value.statistics });
      const { state, reason, lag, statistics, tasksInFlight, stalled } = value;
      const line = [
        oneLine(state).padEnd(13),
        `lag ${grouped(lag.records)}`,
        `${grouped(statistics.rows)} rows`,
        counted(tasksInFlight, 'task'),
        oneLine(reason.code),
        ...(stalled === false ? [] : ['STALLED']),
      ].join('  ');
      const time = new Date(now).toISOString().slice(11, 19);
      if (line !== last) printLines(context, [`${time}Z  ${line}  ${speedOf(rate)}`]);
      last = line;
    },
    trouble: toldOnce(context),
    end: () => undefined,
  };
}

function toldOnce({ err }: CommandContext): (error: Error) => void {
  let last: string | undefined;
  return ({ message }) => {
    if (message !== last) err.write(`${message}\n`);
    last = message;
  };
}

function speedOf(rate: Rate): string {
  const { rows, bytes } = rate.perSecond();
  return `${grouped(rows)} rows/s, ${byteSize(Math.round(bytes))}/s`;
}

const TREND = 60;

/** The page of `show`, painted over. */
export function pageWatch(context: CommandContext): JobWatch {
  const { clock, out } = context;
  const screen = new Screen(out, clock);
  const rate = new Rate();
  const lags: bigint[] = [];
  let page: readonly string[] = [];
  return {
    show: ({ value }) => {
      const now = clock.now();
      rate.add({ at: now, ...value.statistics });
      lags.push(BigInt(value.lag.records));
      if (lags.length > TREND) lags.shift();
      const width = widthOf(out);
      const lines = jobLines(value, {
        now,
        width,
        more: [
          ['speed', speedOf(rate)],
          ['lag so far', sparkline(lags)],
        ],
      });
      // What is painted over must not be higher than the terminal, nor its lines wider.
      page = lines
        .slice(0, (out.rows ?? lines.length + 2) - 2)
        .map((line) => cut(line, width))
        .map((line) =>
          line.startsWith('state ') ? styledState(line, value.state, context) : line,
        );
      screen.show(page);
    },
    trouble: ({ message }) => screen.show([...page, cut(`! ${oneLine(message)}`, widthOf(out))]),
    end: () => screen.settle(page),
  };
}
