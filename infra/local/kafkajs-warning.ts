/** kafkajs asks for a timeout in the past once in a while, which Node 24 makes 1 ms of, and reports. All else is reported still. */
export function hideKafkajsWarning(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning}\n`);
  });
}
