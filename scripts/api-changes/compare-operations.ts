// Finds breaking changes of an operation between two releases.

import { makeCompareSchemas, type Direction, type Pair } from './compare-schemas.ts';
import type { Content, Header, Operation, Parameter, Resolve, Response } from './document.ts';

type Deps = { readonly resolve: Pair<Resolve> };

const contentFaults = (
  { old, now }: Pair<Content | undefined>,
  place: string,
  direction: Direction,
  { resolve }: Deps,
): string[] => {
  const types = new Map(Object.entries(now ?? {}));
  return Object.entries(old ?? {}).flatMap(([type, before]) => {
    const after = types.get(type);
    if (after === undefined) return [`${place} is no longer ${type}`];
    return makeCompareSchemas({ direction, resolve })({ old: before.schema ?? {}, now: after.schema ?? {} }, place);
  });
};

const parameterFaults = ({ old, now }: Pair<readonly Parameter[]>, { resolve }: Deps): string[] => {
  const find = (list: readonly Parameter[], { name, in: place }: Parameter) =>
    list.find((it) => it.name.toLowerCase() === name.toLowerCase() && it.in === place);
  const kept = old.flatMap((before) => {
    const after = find(now, before);
    if (after === undefined) return [`${before.in} parameter ${before.name} is removed`];
    const compare = makeCompareSchemas({ direction: 'input', resolve });
    return compare({ old: before.schema ?? {}, now: after.schema ?? {} }, `${before.in} parameter ${before.name}`);
  });
  const nowRequired = now
    .filter((after) => after.required === true && find(old, after)?.required !== true)
    .map(({ name, in: place }) => `${place} parameter ${name} is required now`);
  return [...kept, ...nowRequired];
};

const bodyFaults = ({ old, now }: Pair<Operation['requestBody']>, deps: Deps): string[] => {
  if (now === undefined) return old === undefined ? [] : ['body is no longer accepted'];
  const nowRequired = now.required === true && old?.required !== true ? ['body is required now'] : [];
  return [...nowRequired, ...contentFaults({ old: old?.content, now: now.content }, 'body', 'input', deps)];
};

type Headers = Readonly<Record<string, Header>> | undefined;

const headerFaults = ({ old, now }: Pair<Headers>, status: string, { resolve }: Deps): string[] => {
  const headers = new Map(Object.entries(now ?? {}));
  return Object.entries(old ?? {}).flatMap(([name, written]) => {
    const place = `${status} header ${name}`;
    const found = headers.get(name);
    if (found === undefined) return [`${place} is removed`];
    const [before, after] = [resolve.old(written), resolve.now(found)];
    const compare = makeCompareSchemas({ direction: 'output', resolve });
    return [
      ...(before.required === true && after.required !== true ? [`${place} may be absent now`] : []),
      ...compare({ old: before.schema ?? {}, now: after.schema ?? {} }, place),
    ];
  });
};

type Responses = Readonly<Record<string, Response>>;

const responseFaults = ({ old, now }: Pair<Responses>, deps: Deps): string[] => {
  const responses = new Map(Object.entries(now));
  return Object.entries(old).flatMap(([status, before]) => {
    const after = responses.get(status);
    if (after === undefined) return [`status ${status} is removed`];
    return [
      ...headerFaults({ old: before.headers, now: after.headers }, status, deps),
      ...contentFaults({ old: before.content, now: after.content }, `${status} body`, 'output', deps),
    ];
  });
};

/** An empty list, or an empty requirement in it, allows anonymous callers. */
const admits = (allowed: Operation['security'], given: Readonly<Record<string, readonly string[]>>): boolean =>
  allowed === undefined ||
  allowed.length === 0 ||
  allowed.some((requirement) =>
    Object.entries(requirement).every(([scheme, scopes]) => {
      const granted = new Map(Object.entries(given)).get(scheme);
      return granted !== undefined && scopes.every((scope) => granted.includes(scope));
    }),
  );

const securityFaults = ({ old, now }: Pair<Operation['security']>): string[] => {
  const callers = old === undefined || old.length === 0 ? [{}] : old;
  return callers.every((caller) => admits(now, caller)) ? [] : ['requires other credentials or scopes now (security)'];
};

/** Sentences about changes that break callers of the older operation. */
export const compareOperations = ({ old, now }: Pair<Operation>, deps: Deps): string[] => [
  ...(old.operationId === now.operationId
    ? []
    : [
        `changes its operationId from ${String(old.operationId)} to ${String(now.operationId)}: clients derive method names from it`,
      ]),
  ...securityFaults({ old: old.security, now: now.security }),
  ...parameterFaults({ old: old.parameters ?? [], now: now.parameters ?? [] }, deps),
  ...bodyFaults({ old: old.requestBody, now: now.requestBody }, deps),
  ...responseFaults({ old: old.responses, now: now.responses }, deps),
];
