// A page of runbooks/: what its front matter says, its parts, and its blocks, which drills execute.

import { readBlocks, type Block } from '../blocks/read-blocks.ts';
import { TARGETS, type Target } from '../gameday/stacks/stack.ts';
import { frontMatterOf, type FrontMatter } from './front-matter.ts';

export const PARTS = [
  'Symptoms',
  'Investigation',
  'Immediate actions',
  'Root cause',
  'Escalation',
  'Prevention',
] as const;

export type Part = {
  readonly heading: string;
  /** Line of the heading, from 1. */
  readonly line: number;
  readonly text: string;
};

export type Runbook = FrontMatter & {
  /** The file's name without `.md`. */
  readonly name: string;
  readonly title: string;
  readonly parts: readonly Part[];
  readonly blocks: readonly Block<Target>[];
  /** The whole file. */
  readonly text: string;
};

/** Fenced code is blanked, so that a comment of a script is no heading. Lines keep their numbers. */
export const withoutFences = (text: string): string =>
  text.replaceAll(/^```[^\n]*\n[\s\S]*?^```$/gm, (fence) => fence.replaceAll(/[^\n]/g, ''));

const headingsOf = (text: string, level: '#' | '##'): { heading: string; line: number }[] =>
  withoutFences(text)
    .split('\n')
    .flatMap((row, index) =>
      row.startsWith(`${level} `) ? [{ heading: row.slice(level.length + 1), line: index + 1 }] : [],
    );

const partsOf = (text: string): Part[] => {
  const rows = text.split('\n');
  const headings = headingsOf(text, '##');
  return headings.map(({ heading, line }, index) => ({
    heading,
    line,
    text: rows.slice(line, (headings[index + 1]?.line ?? rows.length + 1) - 1).join('\n'),
  }));
};

/**
 * @param name the file's name without `.md`
 * @throws Error that begins with the line, for front matter that lacks a field, for a page without title, and for what `readBlocks` refuses
 */
export const readRunbook = (name: string, text: string): Runbook => {
  const [title] = headingsOf(text, '#');
  const frontMatter = frontMatterOf(text);
  if (title === undefined) throw new Error('Line 1: the page has no title.');
  return { ...frontMatter, name, title: title.heading, parts: partsOf(text), blocks: readBlocks(text, TARGETS), text };
};
