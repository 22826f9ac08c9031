import type { Command } from '../command.ts';
import { alter } from './alter.ts';
import { create } from './create.ts';
import { deadLetters } from './dead-letters.ts';
import { errors } from './errors.ts';
import { history } from './history.ts';
import { ls } from './ls.ts';
import { pause } from './pause.ts';
import { preview } from './preview.ts';
import { redrive } from './redrive.ts';
import { resolve } from './resolve.ts';
import { resume } from './resume.ts';
import { show } from './show.ts';
import { spec } from './spec.ts';
import { stop } from './stop.ts';
import { tasks } from './tasks.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';

/** The commands, in the order in which they are explained. */
export const commands: readonly Command[] = [
  ls,
  show,
  watch,
  preview,
  create,
  alter,
  pause,
  resume,
  stop,
  tasks,
  history,
  errors,
  deadLetters,
  redrive,
  resolve,
  verify,
  spec,
];
