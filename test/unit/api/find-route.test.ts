import { expect, test } from 'vitest';
import { findRoute } from '../../../functions/api/find-route.ts';
import type { ApiProblem } from '../../../functions/api/problem.ts';
import { routes } from '../../../functions/api/routes/all.ts';

test('a route is found with the open parts of its path', () => {
  const { route, parameters } = findRoute(routes, { method: 'GET', path: '/jobs/a/tasks/b' });

  expect(route.path).toBe('/jobs/{job}/tasks/{task}');
  expect(parameters).toEqual({ job: 'a', task: 'b' });
});

test('no two routes have the same method and the same shape', () => {
  const shapes = routes.map(({ method, path }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);

  expect(new Set(shapes).size).toBe(routes.length);
});

test.each([
  ['GET', '/nothing', 'ROUTE_NOT_FOUND'],
  ['GET', '/jobs//tasks', 'ROUTE_NOT_FOUND'],
  ['DELETE', '/jobs/a', 'METHOD_NOT_ALLOWED'],
] as const)('%s %s is %s', (method, path, code) => {
  expect(() => findRoute(routes, { method, path })).toThrow(
    expect.objectContaining({ code }) as ApiProblem,
  );
});
