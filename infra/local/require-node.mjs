// Plain JavaScript, and old: it must load on the Node that it is to refuse. A module named as argument is
// run when the Node is new enough, in this very process: a signal to npm then reaches it without a shell
// in between.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const NEEDED = 24;
const running = process.versions.node;

if (Number(running.split('.')[0]) < NEEDED) {
  process.stderr.write(
    `this needs Node ${NEEDED} or newer and runs on ${running}: install Node ${NEEDED}, or let ` +
      `"npm ci" fetch it (without --ignore-scripts and --omit=optional) and start through "npm start"\n`,
  );
  process.exit(1);
}

if (process.argv[2] !== undefined) {
  process.argv.splice(1, 1);
  void import(pathToFileURL(resolve(process.argv[1])).href);
}
