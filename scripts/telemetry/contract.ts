// Reads observability/telemetry.yaml: what each process emits. Tests compare it with running processes; rules, dashboards and the exporters'
// configuration are generated from it or checked against it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { isCollection, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { CONTRACT, PROCESSES, type ContractDocument, type Process } from './contract-schema.ts';

export type { Process };
export { PROCESSES };

export type LabelRule = { readonly values: readonly string[] } | { readonly pattern: RegExp };

export type Metric = Omit<ContractDocument['metrics'][number], 'labels'> & {
  readonly labels: Readonly<Record<string, LabelRule>>;
};

export type Named = ContractDocument['spans'][number];

export type Contract = {
  readonly seriesPerProcess: number;
  /** Labels of each series and tags of each span; with the prefix `dd.`, fields of each log line. */
  readonly identity: readonly string[];
  readonly routes: readonly string[];
  readonly metrics: readonly Metric[];
  readonly logFields: readonly Named[];
  readonly spans: readonly Named[];
  readonly spanAttributes: readonly Named[];
};

const FILE = join(import.meta.dirname, '../../observability/telemetry.yaml');

type Path = readonly (string | number)[];
type Fault = { readonly path: Path; readonly message: string };

const toPath = (pointer: string): Path =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));

/** The branches of a union fail one by one: of the errors at and below one path, the first says enough. */
const shapeFaults = (content: unknown): Fault[] =>
  Value.Errors(CONTRACT, content)
    .filter(({ message }) => message !== 'schema is false')
    .map(({ instancePath, message, params }) => ({
      path: toPath(instancePath),
      message: 'additionalProperties' in params ? `unknown field ${String(params.additionalProperties)}` : message,
    }));

const duplicates = (section: string, entries: readonly Named[]): Fault[] => {
  const seen = new Set<string>();
  return entries.flatMap(({ name, processes }, index) =>
    processes
      .filter((process) => seen.has(`${name} ${process}`) || !seen.add(`${name} ${process}`))
      .map((process) => ({ path: [section, index, 'name'], message: `${name} is there twice for ${process}` })),
  );
};

/** The budgets of a process fit together: a metric that takes all of its series does not take those of another. */
const budgetFaults = ({ metrics, series_per_process: most }: ContractDocument): Fault[] =>
  PROCESSES.flatMap((process) => {
    const sum = metrics
      .filter(({ processes }) => processes.includes(process))
      .reduce((total, { budget }) => total + budget, 0);
    const message = `the budgets of ${process} are ${sum} series, more than ${most}`;
    return sum > most ? [{ path: ['series_per_process'], message }] : [];
  });

const nameFaults = ({ metrics }: ContractDocument): Fault[] =>
  metrics.flatMap(({ name, type }, index) =>
    type === 'counter' && !name.endsWith('_total')
      ? [{ path: ['metrics', index, 'name'], message: 'the name of a counter ends with _total' }]
      : [],
  );

const describeFault = (document: Document, lines: LineCounter, { path, message }: Fault): string => {
  let node: unknown = document.contents;
  for (const step of path) node = (isCollection(node) ? node.get(step, true) : undefined) ?? node;
  const [start = 0] = (node as Node | null)?.range ?? [];
  return `line ${lines.linePos(start).line}: ${path.join('.') || 'the document'}: ${message}`;
};

/** @throws Error with one line per fault: the line of the file, the field, and what is wrong */
export const parseContract = (text: string): Contract => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail = (faults: readonly string[]): never => {
    throw new Error(['observability/telemetry.yaml is not valid:', ...new Set(faults)].join('\n  '));
  };
  if (document.errors.length > 0) fail(document.errors.map(({ message }) => message));
  const content: unknown = document.toJS();
  const describe = (faults: readonly Fault[]): string[] => faults.map((fault) => describeFault(document, lines, fault));
  if (!Value.Check(CONTRACT, content)) return fail(describe(shapeFaults(content)));
  const faults = [
    ...(['metrics', 'log_fields', 'spans', 'span_attributes'] as const).flatMap(
      (section) => duplicates(section, content[section]), // eslint-disable-line security/detect-object-injection -- one of four names
    ),
    ...nameFaults(content),
    ...budgetFaults(content),
  ];
  return faults.length > 0 ? fail(describe(faults)) : toContract(content);
};

const toContract = (content: ContractDocument): Contract => {
  const { routes } = content;
  const toRule = (rule: string[] | { pattern: string } | { from: 'routes' }): LabelRule => {
    if (Array.isArray(rule)) return { values: rule };
    // eslint-disable-next-line security/detect-non-literal-regexp -- from the contract, which is reviewed
    return 'from' in rule ? { values: routes } : { pattern: new RegExp(`^(?:${rule.pattern})$`) };
  };
  return {
    seriesPerProcess: content.series_per_process,
    identity: content.identity,
    routes,
    metrics: content.metrics.map(({ labels = {}, ...metric }) => ({
      ...metric,
      labels: Object.fromEntries(Object.entries(labels).map(([label, rule]) => [label, toRule(rule)])),
    })),
    logFields: content.log_fields,
    spans: content.spans,
    spanAttributes: content.span_attributes,
  };
};

export const loadContract = (): Contract => parseContract(readFileSync(FILE, 'utf8'));

/** Whether a label may have this value. */
export const allows = (rule: LabelRule, value: string): boolean =>
  'values' in rule ? rule.values.includes(value) : rule.pattern.test(value);
