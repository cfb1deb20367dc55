// The alerts of the chart, as the PrometheusRule of a release has them, on the faster clock of drills.

import { parseAllDocuments, stringify } from 'yaml';

import { helm } from '../../../kubernetes/run.ts';
import { scaleRules } from '../../scaled-rules.ts';
import { CHART, NAMESPACE, RELEASE } from './place.ts';

type Rule = { readonly alert?: string; readonly expr: string };
type Groups = { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
type Manifest = { readonly kind?: string; readonly spec: Groups };

/** kube-state-metrics is part of a monitoring stack, and not of this system. */
const needsKubeStateMetrics = ({ expr }: Rule): boolean => /\bkube_\w+/.test(expr);

/** What `helm install` would create if the cluster had the operator of Prometheus. */
const renderRules = async (): Promise<Groups> => {
  const chart = ['template', RELEASE, CHART, '--namespace', NAMESPACE, '--values', `${CHART}/values-dev.yaml`];
  const only = ['--show-only', 'templates/monitoring.yaml'];
  const text = await helm([...chart, ...only, '--api-versions', 'monitoring.coreos.com/v1/PrometheusRule']);
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest | null);
  const rule = manifests.find((manifest) => manifest?.kind === 'PrometheusRule');
  if (rule == null) throw new Error('The chart renders no PrometheusRule.');
  return rule.spec;
};

/** @returns the text of a rule file, and the names of the alerts that it does not have because nobody measures for them */
export const chartRules = async (): Promise<{ readonly text: string; readonly dropped: readonly string[] }> => {
  const { groups } = await renderRules();
  const kept = groups.map((group) => ({ ...group, rules: group.rules.filter((rule) => !needsKubeStateMetrics(rule)) }));
  const dropped = groups.flatMap(({ rules }) => rules.filter(needsKubeStateMetrics).map(({ alert = '' }) => alert));
  return { text: scaleRules(stringify({ groups: kept })), dropped };
};
