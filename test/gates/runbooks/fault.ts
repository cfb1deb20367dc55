import type { Runbook } from '../../../scripts/runbooks/runbook.ts';
import type { World } from './world.ts';

export type Fault = { readonly line: number; /** What is wrong, and what instead. */ readonly message: string };
/** Of a rule that looks only at blocks, which the index has as well. */
export type BlocksRule = (page: Pick<Runbook, 'blocks' | 'text'>, world: World) => Fault[];
export type PageRule = (page: Runbook, world: World) => Fault[];

/** The line of the first occurrence. */
export const lineOf = (text: string, part: string): number =>
  text.slice(0, Math.max(0, text.indexOf(part))).split('\n').length;

const MOST_SUGGESTED = 12;
export const oneOf = (names: Iterable<string>): string => {
  const all = [...names].sort((a, b) => a.localeCompare(b));
  return all.length > MOST_SUGGESTED ? `${all.slice(0, MOST_SUGGESTED).join(', ')}, …` : all.join(', ');
};
