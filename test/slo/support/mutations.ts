// Changes that make rules wrong. mutations.test.ts expects that for each of them a case fails.

import type { Group, Rule } from './promtool.ts';

export type Mutation = {
  readonly name: string;
  /** The objective, or `causes`. */
  readonly rules: string;
  /** The alert that it makes wrong, if it is one. Cases without it are not run. */
  readonly alert?: string;
  /** The beginning of the name of the case that finds it. Without it, all cases are tried. */
  readonly by?: string;
  /** Only cases that expect the alert to fire, or not to fire, can find it. */
  readonly expects?: boolean;
  readonly change: (groups: Group[]) => void;
};

const nameOf = ({ alert, record }: Rule): string => alert ?? record ?? '';
const short = (rule: Rule): string => nameOf(rule).replace('UserService', '');

/** Changes the rules with this name and severity. @throws Error if nothing changes */
const edit = (groups: Group[], wanted: Rule, change: (rule: Rule) => void): void => {
  const found = groups
    .flatMap(({ rules }) => rules)
    .filter(
      (rule) =>
        nameOf(rule) === nameOf(wanted) &&
        rule.labels.severity === wanted.labels.severity &&
        rule.labels.sloth_id === wanted.labels.sloth_id,
    );
  for (const rule of found) {
    const before = JSON.stringify(rule);
    change(rule);
    if (JSON.stringify(rule) === before) throw new Error(`nothing changed in ${nameOf(rule)}`);
  }
};

const groupOf = (rule: Rule): string => rule.labels.sloth_slo ?? 'causes';

/** Never fires; always fires; does not wait, or waits three times as long. */
export const alertMutations = (rule: Rule): Mutation[] => {
  const base = { rules: groupOf(rule), alert: `${short(rule)} ${rule.labels.severity ?? ''}` };
  const mutation = (what: string, expects: boolean, change: (rule: Rule) => void): Mutation => ({
    ...base,
    name: `${base.alert} ${what}`,
    expects,
    change: (groups) => {
      edit(groups, rule, change);
    },
  });
  const wait = rule.for;
  return [
    mutation('never fires', true, (changed) => (changed.expr = 'vector(0) > 1')),
    mutation('always fires', false, (changed) => (changed.expr = 'vector(1)')),
    ...(wait === undefined
      ? []
      : [
          mutation('does not wait', false, (changed) => delete changed.for),
          mutation('waits three times as long', true, (changed) => (changed.for = `${3 * Number.parseInt(wait)}m`)),
        ]),
  ];
};

/** A recorded series that is always far too high. */
export const recordingMutation = (rule: Rule): Mutation => ({
  name: nameOf(rule),
  rules: groupOf(rule),
  by: nameOf(rule).startsWith('slo:valid_events') ? '404, 429' : 'no traffic',
  change: (groups) => {
    edit(groups, rule, (changed) => (changed.expr = 'vector(70)'));
  },
});

/** Replaces text in all expressions of an objective. */
export const textMutation = (
  rules: string,
  name: string,
  by: string,
  [from, to]: readonly [string, string],
): Mutation => ({
  name: `${rules}: ${name}`,
  rules,
  by,
  change: (groups) => {
    const own = groups.filter((group) => group.name.endsWith(`user-service-${rules}`)).flatMap((group) => group.rules);
    const matching = own.filter(({ expr }) => expr.includes(from));
    if (matching.length === 0) throw new Error(`no expression of ${rules} has ${from}`);
    for (const rule of matching) rule.expr = rule.expr.replaceAll(from, to);
  },
});
