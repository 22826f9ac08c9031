import { previewAt } from '#shared/domain/preview.ts';
import { readPreview } from '#shared/store/previews.ts';
import { answer } from '../answer.ts';
import { ULID } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { ApiProblem } from '../problem.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { previewView, viewPreview } from '../views/preview-view.ts';

/** `GET /previews/{preview}`: how far it is, and what it found. */
export const showPreview: Route = {
  method: 'GET',
  path: '/previews/{preview}',
  run: async ({ tables, clock }, request) => {
    required({ query: readQuery(request, noParameters) });
    const now = clock.now();
    const { preview: id = '' } = request.parameters;
    // Keys have at most 2 KB: what cannot be an id is not looked for.
    const preview = ULID.test(id) ? await readPreview(tables, id, now) : undefined;
    if (preview) return answer(previewView, viewPreview(previewAt(preview, now)));
    throw new ApiProblem('PREVIEW_NOT_FOUND', 'no preview has this id; they are kept for an hour');
  },
};
