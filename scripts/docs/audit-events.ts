// The table of audit events in docs/management.md, and their JSON schemas in observability/audit-events.yaml, from the code.

import { stringify } from 'yaml';

import { AUDIT_EVENTS, type AuditEvent, type AuditEventName } from '../../src/observability/audit/audit-events.ts';
import { SCHEMA_VERSION, schemaOf } from '../../src/observability/audit/audit-schema.ts';

const START = '<!-- audit-events: written by `npm run docs` -->';
const END = '<!-- /audit-events -->';

const EVENTS = Object.entries(AUDIT_EVENTS) as [AuditEventName, AuditEvent][];

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

const row = ([name, event]: [string, AuditEvent]): string[] => {
  const { description, outcomes, actors, targets, reasons, details, address, writers } = event;
  const fields = [
    ...(targets.length > 0 ? [`target ${code(targets)}`] : []),
    ...(reasons.length > 0 ? [`reason ${code(reasons)}`] : []),
    ...(Object.keys(details).length > 0 ? [`details ${code(Object.keys(details))}`] : []),
    ...(address ? ['address'] : []),
  ];
  return [code([name]), description, code(outcomes), code(actors), fields.join('; '), writers.join(', ')];
};

const HEAD = ['event', 'when', 'outcome', 'actor', 'further fields', 'written by'];

const table = (): string => {
  const rows = [HEAD, ...EVENTS.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells.at(column) ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths.at(column) ?? 0)).join(' | ')} |`;
  const [head = HEAD, ...others] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)].join('\n');
};

/** @param current the page with the two markers */
export const managementPage = (current: string): string => {
  const [before = '', rest = ''] = current.split(START);
  const after = rest.split(END)[1] ?? '';
  return `${before}${START}\n\n${table()}\n\n${END}${after}`;
};

export const auditSchemas = (): string => {
  const schemas = Object.fromEntries(EVENTS.map(([name]) => [name, JSON.parse(JSON.stringify(schemaOf(name)))]));
  const head =
    '# The JSON schema of each event of the audit log, written by `npm run docs` from src/observability/audit/audit-events.ts.\n';
  return `${head}${stringify({ schemaVersion: SCHEMA_VERSION, events: schemas }, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })}`;
};
