// The lines between `---` at the beginning of a runbook.

import { LineCounter, parseDocument } from 'yaml';

import { BEYOND_ON_CALL } from '../oncall/oncall-schema.ts';

export type FrontMatter = {
  /** As a tired person would say it; the rows of runbooks/README.md. */
  readonly symptoms: readonly string[];
  /** Without `UserService`. Empty for a page that no alert leads to. */
  readonly alerts: readonly string[];
  /** Names of scripts/gameday/drills. Empty with a reason in `noDrill`. */
  readonly drills: readonly string[];
  readonly noDrill?: string;
  /** The uid of a dashboard of observability/grafana. */
  readonly dashboard: string;
  /** A role of ops/oncall.yaml that is called besides the person on call. */
  readonly escalate: string;
};

const FIELDS = ['symptoms', 'alerts', 'drills', 'no_drill', 'dashboard', 'escalate'];
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');

type Fields = Readonly<Record<string, unknown>>;

/** The first fault: the field and what is wrong with it. */
const faultOf = ({
  symptoms,
  alerts,
  drills,
  no_drill,
  dashboard,
  escalate,
  ...others
}: Fields): [string, string] | undefined => {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return [unknown, `the field is unknown; there are ${FIELDS.join(', ')}`];
  if (!isTexts(symptoms) || symptoms.length === 0) return ['symptoms', 'must be a list of at least one sentence'];
  if (!isTexts(alerts)) return ['alerts', 'must be a list of names, empty for a page without an alert'];
  if ((drills === undefined) === (no_drill === undefined))
    return ['drills', 'name drills, or say in no_drill why there is none'];
  if (drills !== undefined && (!isTexts(drills) || drills.length === 0))
    return ['drills', 'must be a list of at least one name'];
  if (no_drill !== undefined && (typeof no_drill !== 'string' || no_drill === ''))
    return ['no_drill', 'must be a sentence'];
  if (typeof dashboard !== 'string') return ['dashboard', 'must be the uid of a dashboard'];
  if (BEYOND_ON_CALL.every((role) => role !== escalate))
    return ['escalate', `must be one of ${BEYOND_ON_CALL.join(', ')}`];
  return undefined;
};

const lineOf = (text: string, field: string): number =>
  Math.max(1, text.split('\n').findIndex((row) => row.startsWith(`${field}:`)) + 1);

/** @throws Error that begins with the line of the file */
export const frontMatterOf = (text: string): FrontMatter => {
  const source = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1];
  if (source === undefined) throw new Error('Line 1: the page does not begin with front matter between lines of ---.');
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined)
    throw new Error(`Line ${lines.linePos(error.pos[0]).line + 1}: ${error.message.split('\n')[0] ?? ''}`);
  const fields = (document.toJS() ?? {}) as Fields;
  const fault = faultOf(fields);
  if (fault !== undefined) throw new Error(`Line ${lineOf(text, fault[0])}: ${fault[0]}: ${fault[1]}.`);
  const { no_drill: noDrill, ...others } = fields as Omit<FrontMatter, 'noDrill'> & { no_drill?: string };
  return { ...others, drills: noDrill === undefined ? others.drills : [], ...(noDrill !== undefined && { noDrill }) };
};
