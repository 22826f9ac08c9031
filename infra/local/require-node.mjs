// Plain JavaScript, and old: it must load on the Node that it is to refuse.
const NEEDED = 24;
const running = process.versions.node;

if (Number(running.split('.')[0]) < NEEDED) {
  process.stderr.write(
    `this needs Node ${NEEDED} or newer and runs on ${running}: install Node ${NEEDED}, or let ` +
      `"npm ci" fetch it (without --ignore-scripts and --omit=optional) and start through "npm start"\n`,
  );
  process.exit(1);
}
