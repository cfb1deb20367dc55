// What the log and the traces show of a fault.

import type { Drill } from './drill.ts';
import type { OpenStack, Span } from './stacks/stack.ts';
import { eventually, type Patience } from '../../test/support/eventually.ts';

type Shown = { readonly what: string; readonly detail: string };

const MOST_SPANS = 6;
const LONGEST_LINE = 600;

const traceOf = (line: string): string | undefined => /"dd\.trace_id":"([0-9a-f]{16,32})"/.exec(line)?.[1];

/** Without the frames of its error: the first lines of a drill have to fit on a screen. */
const shorten = (line: string): string => line.replace(/"stack":"(?:[^"\\]|\\.)*",?/g, '').slice(0, LONGEST_LINE);

const describeSpan = ({ service, name, resource, ms, failed }: Span): string =>
  `${service} ${name} ${resource.slice(0, 60)} ${ms} ms${failed ? ' ERROR' : ''}`;

export const makeEvidence = ({ log: { process, line: pattern } }: Drill, { stack, spansOf }: OpenStack) => {
  let seen = 0;
  let found: string | undefined;
  const newLines = async (): Promise<string[]> => (await stack.output(process)).slice(seen).split('\n');

  /** The matching line, if possible one of a request that has a trace. */
  const search = async (): Promise<string> => {
    const matching = (await newLines()).filter((line) => pattern.test(line));
    found = matching.find((line) => traceOf(line) !== undefined) ?? matching[0];
    if (found === undefined) throw new Error('no line');
    return found;
  };
  const describeTrace = (line: string): Shown[] => {
    const traceId = traceOf(line);
    if (traceId === undefined) return [{ what: 'trace', detail: 'none: the line belongs to no request' }];
    const spans = spansOf(traceId).slice(0, MOST_SPANS).map(describeSpan);
    return [{ what: 'trace', detail: traceId }, ...spans.map((detail) => ({ what: '  span', detail }))];
  };
  return {
    /** Only what is printed after this counts. */
    begin: async (): Promise<void> => {
      seen = (await stack.output(process)).length;
    },
    find: async (patience: Patience): Promise<Shown[]> => {
      const line = await eventually(search, patience).catch(() => undefined);
      if (line === undefined) return [{ what: 'log', detail: `no line of ${process} matches ${String(pattern)} yet` }];
      return [{ what: `log of ${process}`, detail: shorten(line) }, ...describeTrace(line)];
    },
    /** Whether there was a matching line. */
    found: async (): Promise<boolean> => {
      if (found === undefined) await search().catch(() => undefined);
      return found !== undefined;
    },
  };
};
