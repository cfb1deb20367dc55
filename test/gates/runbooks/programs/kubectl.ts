// kubectl and helm: objects, labels and containers that the chart renders.

import type { Context, ProgramRule } from '../command-rules.ts';
import { oneOf } from '../fault.ts';
import type { Cluster } from '../world.ts';
import { readArguments, unknownFlags, type Arguments, type Flags } from './flags.ts';
import { HELM, HELM_ANY, KUBECTL, KUBECTL_ANY } from './kubectl-flags.ts';

/* eslint-disable security/detect-object-injection, sonarjs/super-linear-regex -- they read our own files */

/** Short and plural names. Those that the chart does not render exist in every cluster. */
const KINDS: ReadonlyMap<string, string> = new Map(
  [
    ['pod', 'pods', 'po'],
    ['deployment', 'deployments', 'deploy'],
    ['service', 'services', 'svc'],
    ['configmap', 'configmaps', 'cm'],
    ['secret', 'secrets'],
    ['job', 'jobs'],
    ['cronjob', 'cronjobs'],
    ['ingress', 'ingresses'],
    ['horizontalpodautoscaler', 'horizontalpodautoscalers', 'hpa'],
    ['poddisruptionbudget', 'poddisruptionbudgets', 'pdb'],
    ['networkpolicy', 'networkpolicies', 'netpol'],
    ['replicaset', 'replicasets', 'rs'],
    ['statefulset', 'statefulsets', 'sts'],
    ['endpointslice', 'endpointslices'],
    ['event', 'events'],
    ['node', 'nodes'],
    ['persistentvolumeclaim', 'persistentvolumeclaims', 'pvc'],
    ['certificate', 'certificates'],
    ['prometheusrule', 'prometheusrules'],
  ].flatMap(([kind = '', ...others]) => [kind, ...others].map((name): [string, string] => [name, kind])),
);
/** Their names are not known before. */
const RENDERED = new Set([
  'deployment',
  'service',
  'configmap',
  'secret',
  'job',
  'cronjob',
  'ingress',
  'horizontalpodautoscaler',
  'poddisruptionbudget',
  'networkpolicy',
]);

const objectFault = (kind: string, given: string, { objects }: Cluster): string[] => {
  const name = given.replaceAll(/\$\{(\w+)\}/g, (_all, variable: string) => `$${variable}`);
  if (/^\$(?!RELEASE\b)/.test(name) || name === '$()' || !RENDERED.has(kind) || objects.has(`${kind}/${name}`))
    return [];
  const ofKind = [...objects].filter((object) => object.startsWith(`${kind}/`));
  return [`the chart renders no ${kind}/${name}; there are ${oneOf(ofKind)}`];
};

const kindFault = (name: string): string[] =>
  KINDS.has(name) || name.startsWith('$') || name === '$()'
    ? []
    : [`${name} is no kind in the vocabulary; there are ${oneOf(new Set(KINDS.values()))}`];

/** `kind name …`, `kind,kind`, `kind/name …` */
const resourceFaults = (operands: readonly string[], cluster: Cluster): string[] => {
  const [first = '', ...names] = operands;
  if (operands.some((operand) => operand.includes('/')))
    return operands.flatMap((operand) => {
      const [kind = '', name = ''] = operand.split('/');
      return [...kindFault(kind), ...objectFault(KINDS.get(kind) ?? kind, name, cluster)];
    });
  const kinds = first.split(',');
  return [
    ...kinds.flatMap(kindFault),
    ...names.flatMap((name) => objectFault(KINDS.get(first) ?? first, name, cluster)),
  ];
};

const selectorFaults = ({ flags }: Arguments, { labels }: Cluster): string[] =>
  flags
    .filter(([name]) => name === '--selector' || name === '-l')
    .flatMap(([, value]) => value.split(/,(?![^(]*\))/))
    .filter((term) => /^[^!]*[^!]=|^[\w./-]+$/.test(term))
    .map((term) => term.replace('==', '=').replace('${RELEASE}', '$RELEASE'))
    .filter(
      (term) =>
        !/=\$(?!RELEASE$)/.test(term) &&
        !labels.has(term) &&
        ![...labels].some((label) => label.startsWith(`${term}=`)),
    )
    .map((term) => {
      const key = term.replace(/=.*/, '=');
      const others = oneOf([...labels].filter((label) => label.startsWith(key)));
      return `no object of the chart has the label ${term}; there are ${others}`;
    });

const containerFaults = ({ flags }: Arguments, { containers }: Cluster): string[] =>
  flags
    .filter(
      ([name, value]) => (name === '--container' || name === '-c') && !containers.has(value) && !value.startsWith('$'),
    )
    .map(([, value]) => `no pod of the chart has a container ${value}; there are ${oneOf(containers)}`);

const namespaceFault = (args: readonly string[]): string[] =>
  args.some((word) => /^(?:--namespace=|-n=)?\$\{?\w*NAMESPACE\}?$/.test(word))
    ? []
    : ['name the namespace: --namespace "$NAMESPACE"'];

type Called = { readonly subcommand: string; readonly known: Flags; readonly read: Arguments };

/** The subcommand has one word or two. */
const callOf = (
  args: readonly string[],
  vocabulary: Readonly<Record<string, Flags>>,
  any: Flags,
): Called | undefined => {
  const first = readArguments(args, any, 1);
  const [one = ''] = first.operands;
  const two = `${one} ${(first.rest[0] ?? '').replace(/s$/, '')}`;
  const subcommand = [two, `${one} ${first.rest[0] ?? ''}`, one].find((name) => name in vocabulary);
  if (subcommand === undefined) return undefined;
  const known = [...(vocabulary[subcommand] ?? []), ...any];
  const rest = subcommand === one ? first.rest : first.rest.slice(1);
  return { subcommand, known, read: readArguments(rest, known) };
};

const CLUSTER_WIDE = new Set(['top node', 'cordon', 'uncordon']);
/** What their operands are. */
const operandFaults = ({ subcommand, read }: Called, cluster: Cluster): string[] => {
  const { operands } = read;
  if (
    ['get', 'describe', 'delete', 'scale', 'patch', 'annotate', 'label', 'wait'].includes(subcommand) ||
    subcommand.startsWith('rollout')
  ) {
    const resources = operands.filter((operand) => !operand.includes('='));
    return resources.length === 0 ? [`kubectl ${subcommand} names no object`] : resourceFaults(resources, cluster);
  }
  if (['logs', 'exec', 'port-forward', 'set env', 'set image'].includes(subcommand))
    return operands
      .filter((operand) => operand.includes('/') && !operand.includes('='))
      .flatMap((operand) => resourceFaults([operand], cluster));
  return [];
};

export const kubectlFaults: ProgramRule = (args, { world, check }: Context) => {
  const called = callOf(args, KUBECTL, KUBECTL_ANY);
  if (called === undefined)
    return [
      `kubectl ${args.slice(0, 2).join(' ')} is not in the vocabulary; there are ${Object.keys(KUBECTL).join(', ')}`,
    ];
  const { subcommand, known, read } = called;
  const isClusterWide = CLUSTER_WIDE.has(subcommand) || /^(?:nodes?|no)\b/.test(read.operands[0] ?? '');
  return [
    ...unknownFlags(`kubectl ${subcommand}`, read, known),
    ...(isClusterWide ? [] : namespaceFault(args)),
    ...operandFaults(called, world.cluster),
    ...selectorFaults(read, world.cluster),
    ...containerFaults(read, world.cluster),
    ...(subcommand === 'exec' && read.rest.length > 0 ? check(read.rest) : []),
  ];
};

export const helmFaults: ProgramRule = (args) => {
  const called = callOf(args, HELM, HELM_ANY);
  if (called === undefined)
    return [`helm ${args.slice(0, 2).join(' ')} is not in the vocabulary; there are ${Object.keys(HELM).join(', ')}`];
  const { subcommand, known, read } = called;
  const [release] = read.operands;
  return [
    ...unknownFlags(`helm ${subcommand}`, read, known),
    ...namespaceFault(args),
    ...(subcommand === 'list' || release === '$RELEASE' ? [] : ['name the release: "$RELEASE"']),
  ];
};
