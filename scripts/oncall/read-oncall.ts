// Reads ops/oncall.yaml. Escalation texts, annotations of alerts and catalogue files are made from it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Value } from 'typebox/value';
import { parseDocument } from 'yaml';

import { MINUTES_OF_WORKING_DAY, rulesOf } from './escalation.ts';
import { ONCALL, SEVERITIES, type IncidentRules, type OnCall } from './oncall-schema.ts';

const FILE = join(import.meta.dirname, '../../ops/oncall.yaml');

const shapeFaults = (content: unknown): string[] =>
  Value.Errors(ONCALL, content)
    .filter(({ message }) => message !== 'schema is false')
    .map(({ instancePath, message, params }) => {
      const path = instancePath.slice(1).replaceAll('/', '.') || 'the document';
      const unknown = 'additionalProperties' in params ? String(params.additionalProperties) : undefined;
      return `${path}: ${unknown === undefined ? message : 'unknown field ' + unknown}`;
    });

/** Somebody is called later than the one before, and nobody twice. */
const ladderFaults = (path: string, { calls, escalate }: IncidentRules): string[] =>
  escalate.flatMap(({ after_minutes: after, to }, index) => {
    const earlier = escalate.slice(0, index);
    return [
      ...(earlier.some((step) => step.after_minutes >= after)
        ? [`${path}.escalate.${index}.after_minutes: must be later than the step before`]
        : []),
      ...(calls.includes(to) || earlier.some((step) => step.to === to)
        ? [`${path}.escalate.${index}.to: ${to} is already called`]
        : []),
    ];
  });

const severityFaults = (onCall: OnCall): string[] =>
  SEVERITIES.flatMap((name, index) => {
    const rules = rulesOf(onCall, name);
    const graver = SEVERITIES.slice(0, index).map((each) => rulesOf(onCall, each));
    const path = `severities.${name}`;
    return [
      ...ladderFaults(path, rules),
      ...(graver.some((each) => each.acknowledge_minutes > rules.acknowledge_minutes)
        ? [`${path}.acknowledge_minutes: must not be shorter than that of a graver severity`]
        : []),
      ...((rules.post_mortem === 'none') === (rules.post_mortem_days === undefined)
        ? []
        : [`${path}.post_mortem_days: is given if and only if there is a post-mortem`]),
    ];
  });

const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/** Times of the working day are given in minutes: `1 working day` is eight hours. */
const workingDayFaults = ({ working_day: { from, to } }: OnCall): string[] =>
  minutesOf(to) - minutesOf(from) === MINUTES_OF_WORKING_DAY ? [] : ['working_day: must have eight hours'];

const exceptionFaults = ({ alerts: { exceptions } }: OnCall, known: readonly string[]): string[] =>
  exceptions.flatMap(({ alert }, index) => [
    ...(known.includes(alert) ? [] : [`alerts.exceptions.${index}.alert: there is no alert ${alert}`]),
    ...(exceptions.findIndex((each) => each.alert === alert) < index
      ? [`alerts.exceptions.${index}.alert: ${alert} is there twice`]
      : []),
  ]);

/**
 * @param knownAlerts names without the prefix of the service; without it, names of exceptions are not checked
 * @throws Error with one line per fault: the path of the field, and what is wrong
 */
export const parseOnCall = (text: string, knownAlerts?: readonly string[]): OnCall => {
  const document = parseDocument(text);
  const fail = (faults: readonly string[]): never => {
    throw new Error(['ops/oncall.yaml is not valid:', ...new Set(faults)].join('\n  '));
  };
  if (document.errors.length > 0) fail(document.errors.map(({ message }) => message));
  const content: unknown = document.toJS();
  if (!Value.Check(ONCALL, content)) return fail(shapeFaults(content));
  const faults = [
    ...severityFaults(content),
    ...workingDayFaults(content),
    ...(knownAlerts === undefined ? [] : exceptionFaults(content, knownAlerts)),
  ];
  return faults.length > 0 ? fail(faults) : content;
};

export const onCallText = (): string => readFileSync(FILE, 'utf8');
export const readOnCall = (): OnCall => parseOnCall(onCallText());
