import type { PreviewReport, runPreview } from './run-preview.ts';

/** {@link runPreview}, whose code is loaded with the first preview: few loaders ever make any. */
export async function makePreview(
  ...[deps, id, deadline]: Parameters<typeof runPreview>
): Promise<PreviewReport> {
  const module = await import('./run-preview.ts');
  return module.runPreview(deps, id, deadline);
}
