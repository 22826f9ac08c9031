import type { Command } from '../command.ts';
import { ls } from './ls.ts';
import { show } from './show.ts';

/** The commands, in the order in which they are explained. */
export const commands: readonly Command[] = [ls, show];
