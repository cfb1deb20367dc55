// What Prometheus says about alerts, and why one does not fire.

import { alertName } from '../slo/alerts.ts';

export type Alert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
  readonly activeAt: string;
};
type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };
type Rule = { readonly name: string; readonly query: string; readonly duration?: number };
type Target = {
  readonly labels: Readonly<Record<string, string>>;
  readonly health: string;
  readonly lastError: string;
};

const TIMEOUT_MS = 10_000;

/** The alert of a drill: its name without the prefix, and labels that it must have. */
export type Wanted = { readonly alert: string; readonly labels?: Readonly<Record<string, string>> };

/** Whether `alert` fires and has the name and at least the labels of `wanted`. */
export const isFiring =
  ({ alert: name, labels = {} }: Wanted) =>
  ({ labels: found, state }: Alert): boolean => {
    const all = new Map(Object.entries(found));
    const wanted = Object.entries({ ...labels, alertname: alertName(name) });
    return state === 'firing' && wanted.every(([label, value]) => all.get(label) === value);
  };

/** Each `metric{…}` of an expression, once. */
export const selectorsOf = (expr: string): string[] => [
  ...new Set([...expr.matchAll(/(?<![\w:])[a-zA-Z_:][\w:]*\{[^}]*\}/g)].map(([selector]) => selector)),
];

const MOST_SAMPLES = 8;

const describeSample = ({ metric, value: [, text] }: Sample): string => {
  const { __name__: name = '', ...labels } = metric;
  const list = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `    ${name}{${list.join(', ')}} = ${text}`;
};

export const makeAlerts = (prometheusUrl: string) => {
  const get = async <T>(path: string, parameters: Record<string, string> = {}): Promise<T> => {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`${prometheusUrl}/api/v1/${path}?${query}`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const { status, error, data } = (await response.json()) as { status: string; error?: string; data: T };
    if (status !== 'success') throw new Error(error ?? `${path} returned ${response.status}`);
    return data;
  };

  const list = async (): Promise<Alert[]> => (await get<{ alerts: Alert[] }>('alerts')).alerts;

  const valuesOf = async (query: string): Promise<string[]> => {
    const { result } = await get<{ result: Sample[] }>('query', { query });
    if (!Array.isArray(result) || result.length === 0) return ['    no value'];
    const more = result.length > MOST_SAMPLES ? [`    … and ${result.length - MOST_SAMPLES} more`] : [];
    return [...result.slice(0, MOST_SAMPLES).map(describeSample), ...more];
  };

  const describeTargets = async (): Promise<string[]> => {
    const { activeTargets } = await get<{ activeTargets: Target[] }>('targets');
    return activeTargets.map(({ labels, health, lastError }) => {
      const reason = lastError === '' ? '' : `: ${lastError}`;
      return `    ${labels.job ?? ''} ${labels.instance ?? ''} ${health}${reason}`;
    });
  };

  return {
    /** All that fire. */
    firing: async (): Promise<Alert[]> => (await list()).filter(({ state }) => state === 'firing'),
    /** The alert, if it fires. */
    find: async (wanted: Wanted): Promise<Alert | undefined> => (await list()).find(isFiring(wanted)),
    /** Why the alert does not fire: its expression, the values of it and of every series that it reads, and the targets. */
    explain: async ({ alert }: Wanted): Promise<string> => {
      const { groups } = await get<{ groups: { rules: Rule[] }[] }>('rules', { type: 'alert' });
      const rule = groups.flatMap(({ rules }) => rules).find(({ name }) => name === alertName(alert));
      if (rule === undefined) return `There is no alert ${alertName(alert)}.`;
      const parts = [rule.query, ...selectorsOf(rule.query)].map(async (query, place) => [
        place === 0 ? `  expr (for ${rule.duration ?? 0} s): ${query}` : `  ${query}`,
        ...(await valuesOf(query)),
      ]);
      return [...(await Promise.all(parts)).flat(), '  targets', ...(await describeTargets())].join('\n');
    },
  };
};

export type Alerts = ReturnType<typeof makeAlerts>;
