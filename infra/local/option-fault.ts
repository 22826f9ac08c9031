/** What `parseArgs` of node:util has against a command line, without the advice that it adds. */
export function optionFault(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.split(/[.\n]/)[0] ?? said;
}
