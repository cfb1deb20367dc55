// Walks through runbooks on one system that works: `npm run gameday -- --walk`.

import { loadRunbook } from '../../runbooks/runbooks.ts';
import { startLoad } from '../load.ts';
import type { OpenStack, StackOpener } from '../stacks/stack.ts';
import { waitUntilHealthy, walkPage, type Counts } from './walk-page.ts';

type Options = {
  readonly opener: StackOpener;
  readonly actions: boolean;
  readonly line: (text: string) => void;
  readonly signal: AbortSignal;
};

export const formatCounts = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

type Walk = Omit<Options, 'opener'> & { readonly open: OpenStack };

/** Blocks that fail are printed and counted. @throws Error when the system does not work before the first page or after one */
export const walkPages = async (pages: readonly string[], { open, ...options }: Walk): Promise<Counts> => {
  const { stack } = open;
  const load = startLoad(stack.apiUrl);
  const total = { passed: 0, failed: 0, skipped: 0 };
  try {
    await waitUntilHealthy({ ...options, load });
    for (const page of pages) {
      options.signal.throwIfAborted();
      const { passed, failed, skipped } = await walkPage(loadRunbook(page), { ...options, stack, load });
      total.passed += passed;
      total.failed += failed;
      total.skipped += skipped;
    }
  } finally {
    load.end();
  }
  return total;
};

/** @returns whether every block succeeded. The last line are the counts: skipped are blocks that a drill or nobody executes. */
export const walk = async (pages: readonly string[], { opener, ...options }: Options): Promise<boolean> => {
  const open = await opener(options.line);
  try {
    const counts = await walkPages(pages, { ...options, open });
    options.line(`\n${formatCounts(counts)}`);
    return counts.failed === 0;
  } finally {
    await open.close();
  }
};
