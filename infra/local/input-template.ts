/**
 * What a pipe's input template makes of an event: each `<$.path>` is replaced by what stands there, as JSON.
 *
 * @throws {Error} for a path where nothing stands: what AWS makes of it is not for us to rely on
 */
export function fillTemplate(template: string, event: unknown): unknown {
  const filled = template.replaceAll(/<\$\.([\w.]+)>/g, (_, path: string) => {
    const value = path.split('.').reduce(memberOf, event);
    if (value === undefined) throw new Error(`an event must have ${path}, which ${template} names`);
    return JSON.stringify(value);
  });
  return JSON.parse(filled);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
