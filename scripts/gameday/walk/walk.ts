// Walks through runbooks on one system that works: `npm run gameday -- --walk`.

import type { Runbook } from '../../runbooks/runbook.ts';
import { startLoad, type Load } from '../load.ts';
import type { Stack, StackOpener } from '../stacks/stack.ts';
import { waitUntilHealthy, walkPage, type Counts } from './walk-page.ts';

type Options = {
  readonly opener: StackOpener;
  readonly actions: boolean;
  readonly line: (text: string) => void;
  readonly signal: AbortSignal;
};

export const formatCounts = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

type Walk = Omit<Options, 'opener'> & { readonly stack: Stack; readonly load: Load };

/** Blocks that fail are printed and counted. @throws Error when the system does not work before the first page or after one */
export const walkPages = async (pages: readonly Runbook[], options: Walk): Promise<Counts> => {
  const total = { passed: 0, failed: 0, skipped: 0 };
  await waitUntilHealthy(options);
  for (const page of pages) {
    options.signal.throwIfAborted();
    const { passed, failed, skipped } = await walkPage(page, options);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
};

/** @returns whether every block succeeded. The last line are the counts: skipped are blocks that a drill or nobody executes. */
export const walk = async (pages: readonly Runbook[], { opener, ...options }: Options): Promise<boolean> => {
  const open = await opener(options.line);
  const load = startLoad(open.stack.apiUrl);
  try {
    const counts = await walkPages(pages, { ...options, stack: open.stack, load });
    options.line(`\n${formatCounts(counts)}`);
    return counts.failed === 0;
  } finally {
    load.end();
    await open.close();
  }
};
