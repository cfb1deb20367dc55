// `node scripts/diagnostics/top-functions.ts <file>` prints the functions of a CPU profile in which most time was spent, themselves and not what they call.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

type Frame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };
export type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  /** Ids of the nodes that ran, one per sample. */
  readonly samples: readonly number[];
};

const nameOf = ({ functionName, url, lineNumber }: Frame): string => {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === ''
    ? name
    : `${name} ${url.replace(/^.*\/(?=(?:src|dist|node_modules|scripts)\/)/, '')}:${lineNumber + 1}`;
};

/** @returns share of the samples, from 0 to 1, and function; the largest first */
export const topFunctions = ({ nodes, samples }: Profile, count = 10): [share: number, name: string][] => {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? '(unknown)';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, hits]): [number, string] => [hits / samples.length, name])
    .sort(([a], [b]) => b - a)
    .slice(0, count);
};

const [, program = '', file = ''] = process.argv;
if (import.meta.url === pathToFileURL(program).href)
  for (const [share, name] of topFunctions(JSON.parse(readFileSync(file, 'utf8')) as Profile))
    console.log(`${(100 * share).toFixed(1).padStart(5)} %  ${name}`);
