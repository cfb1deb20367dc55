// Executes the steps of a multistep API test as Datadog does, as far as the definition of this repository needs it: local variables, requests,
// assertions, retries, extracted values.

import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

import type { Assertion, Definition, Extraction, Step } from '../../scripts/synthetics/definition.ts';

type Variables = Map<string, string>;
type Answer = { readonly status: number; readonly body: string; readonly milliseconds: number };
export type StepResult = { readonly name: string; readonly failures: readonly string[] };

const GENERATORS: readonly (readonly [RegExp, (argument: string) => string])[] = [
  [/\{\{ uuid \}\}/g, () => randomUUID()],
  [
    /\{\{ alphanumeric\((\d+)\) \}\}/g,
    (length) => randomBytes(Number(length)).toString('hex').slice(0, Number(length)),
  ],
];

const generate = (pattern: string): string => {
  const text = GENERATORS.reduce(
    (value, [builtin, make]) => value.replaceAll(builtin, (_all, argument: string) => make(argument)),
    pattern,
  );
  if (text.includes('{{')) throw new Error(`${pattern}: the built-in is unknown`);
  return text;
};

/** A variable that no step has set stays as it is, as in Datadog. */
const fill = (text: string, variables: Variables): string =>
  text.replaceAll(/\{\{ (\w+) \}\}/g, (all, name: string) => variables.get(name) ?? all);

/** `$.a.b`. @throws Error for another path */
const readPath = (body: string, path: string): unknown => {
  // eslint-disable-next-line security/detect-unsafe-regex -- paths of our own definition
  if (!/^\$(?:\.\w+)+$/.test(path)) throw new Error(`${path} is a path that is not understood`);
  let value: unknown = body === '' ? undefined : JSON.parse(body);
  for (const key of path.split('.').slice(1)) value = new Map(Object.entries(value ?? {})).get(key);
  return value;
};

const failureOf = (assertion: Assertion, { status, body, milliseconds }: Answer): string[] => {
  if (assertion.type === 'statusCode')
    return status === assertion.target ? [] : [`the status is ${status}, not ${assertion.target}: ${body}`];
  if (assertion.type === 'responseTime')
    return milliseconds < assertion.target ? [] : [`it took ${milliseconds} ms, not less than ${assertion.target}`];
  const { jsonPath, targetValue } = assertion.target;
  const value = readPath(body, jsonPath);
  return value === targetValue ? [] : [`${jsonPath} is ${String(value)}, not ${targetValue}`];
};

const send = async ({ request }: Step, variables: Variables, baseUrl: string): Promise<Answer> => {
  const begin = performance.now();
  const response = await fetch(fill(request.url, variables).replace('${base_url}', baseUrl), {
    method: request.method,
    headers: Object.entries(request.headers).map(([name, value]): [string, string] => [name, fill(value, variables)]),
    ...(request.body !== undefined && { body: fill(request.body, variables) }),
    signal: AbortSignal.timeout(request.timeout * 1000),
  });
  return { status: response.status, body: await response.text(), milliseconds: performance.now() - begin };
};

const keep = (variables: Variables, { body }: Answer, { name, parser }: Extraction): string[] => {
  const value = readPath(body, parser.value);
  if (typeof value !== 'string') return [`${parser.value} of the response has no text for ${name}`];
  variables.set(name, value);
  return [];
};

const attempt = async (step: Step, variables: Variables, baseUrl: string): Promise<string[]> => {
  try {
    const answer = await send(step, variables, baseUrl);
    const failures = step.assertions.flatMap((assertion) => failureOf(assertion, answer));
    if (failures.length > 0) return failures;
    return (step.extractedValues ?? []).flatMap((extraction) => keep(variables, answer, extraction));
  } catch (error) {
    return [String(error)];
  }
};

const runStep = async (step: Step, variables: Variables, baseUrl: string): Promise<string[]> => {
  const { count, interval } = step.retry ?? { count: 0, interval: 0 };
  let failures = await attempt(step, variables, baseUrl);
  for (let retries = 0; failures.length > 0 && retries < count; retries += 1) {
    await pause(interval);
    failures = await attempt(step, variables, baseUrl);
  }
  return failures;
};

/** @returns the steps that ran: a step that fails is the last one, unless it allows failure */
export const runSyntheticTest = async ({ config }: Definition, baseUrl: string): Promise<StepResult[]> => {
  const variables: Variables = new Map(config.configVariables.map(({ name, pattern }) => [name, generate(pattern)]));
  const results: StepResult[] = [];
  for (const step of config.steps) {
    const failures = await runStep(step, variables, baseUrl);
    results.push({ name: step.name, failures });
    if (failures.length > 0 && step.allowFailure !== true) break;
  }
  return results;
};
