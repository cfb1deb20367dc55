// The gate of the published API: a breaking change needs a higher version in the path.

import { compareOperations } from './compare-operations.ts';
import type { Pair } from './compare-schemas.ts';
import { makeResolve, type ApiDocument, type Operation } from './document.ts';

const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
const VERSION = /\/v(\d+)(?=\/|$)/;

const versionOf = (path: string): number => Number(VERSION.exec(path)?.[1] ?? 0);

type Entry = { readonly method: string; readonly path: string; readonly operation: Operation };

const entriesOf = ({ paths }: ApiDocument): Entry[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => ({ method, path, operation })),
  );

/** The path without parameter names: `/users/{id}` and `/users/{userId}` are the same path. */
const shapeOf = (path: string): string => path.replaceAll(/\{\w+\}/g, '{}');
const unversioned = (path: string): string => shapeOf(path).replace(VERSION, '/v');

/**
 * Sentences, empty when clients of the released API can use this one. An operation that is served under a higher version of
 * its path may be removed from the old one.
 */
export const findBreakingChanges = ({ old, now }: Pair<ApiDocument>): string[] => {
  const deps = { resolve: { old: makeResolve(old), now: makeResolve(now) } };
  const entries = entriesOf(now);
  return entriesOf(old).flatMap(({ method, path, operation }) => {
    const name = `${method.toUpperCase()} ${path}`;
    const same = entries.find((it) => it.method === method && shapeOf(it.path) === shapeOf(path));
    if (same !== undefined) {
      return compareOperations({ old: operation, now: same.operation }, deps).map((fault) => `${name}: ${fault}`);
    }
    const isSuperseded = entries.some(
      (it) =>
        it.method === method && unversioned(it.path) === unversioned(path) && versionOf(it.path) > versionOf(path),
    );
    return isSuperseded ? [] : [`${name}: is removed`];
  });
};
