// What rendered NetworkPolicy objects allow, by the rules of Kubernetes: a connection needs an egress rule of its source and an ingress rule of its
// target; a pod that no policy of a direction selects may do everything in it. Only what the chart uses is understood.

import { BlockList } from 'node:net';

type Labels = Readonly<Record<string, string>>;
type Expression = { readonly key: string; readonly operator: string; readonly values: readonly string[] };
type Selector = { readonly matchLabels?: Labels; readonly matchExpressions?: readonly Expression[] };
type Peer = {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string };
};
type Rule = {
  readonly ports?: readonly { readonly port: number | string }[];
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
};
export type NetworkPolicy = {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
};
export type Endpoint = {
  readonly labels: Labels;
  /** Labels of its namespace; undefined in the namespace of the policies. */
  readonly namespace?: Labels;
  readonly address?: string;
  /** Container ports by name. */
  readonly ports?: Readonly<Record<string, number>>;
};

const valueOf = (labels: Labels, key: string): string | undefined => new Map(Object.entries(labels)).get(key);

const selects = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => valueOf(labels, key) === value) &&
  matchExpressions.every(({ key, operator, values }) => {
    if (operator !== 'In') throw new Error(`The operator ${operator} is not understood.`);
    return values.includes(valueOf(labels, key) ?? '');
  });

const isInBlock = (cidr: string, address = ''): boolean => {
  const [network = '', prefix] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return address !== '' && list.check(address);
};

const isPeer = ({ podSelector, namespaceSelector, ipBlock }: Peer, endpoint: Endpoint): boolean => {
  if (ipBlock !== undefined) return isInBlock(ipBlock.cidr, endpoint.address);
  const inNamespace =
    namespaceSelector === undefined
      ? endpoint.namespace === undefined
      : selects(namespaceSelector, endpoint.namespace ?? {});
  return inNamespace && selects(podSelector ?? {}, endpoint.labels);
};

const matchesPort = (port: number | string, wanted: number, { ports = {} }: Endpoint): boolean =>
  typeof port === 'number' ? port === wanted : new Map(Object.entries(ports)).get(port) === wanted;

/** Whether the policies allow a connection from one endpoint to a port of another. */
export const isAllowed = (
  policies: readonly NetworkPolicy[],
  source: Endpoint,
  target: Endpoint,
  port: number,
): boolean => {
  const allows = (direction: 'Ingress' | 'Egress', self: Endpoint, other: Endpoint): boolean => {
    if (self.namespace !== undefined) return true; // policies select pods of their own namespace
    const selecting = policies.filter(
      ({ spec }) => spec.policyTypes.includes(direction) && selects(spec.podSelector, self.labels),
    );
    const rules = selecting.flatMap(({ spec }) => (direction === 'Ingress' ? spec.ingress : spec.egress) ?? []);
    const peersOf = (rule: Rule): readonly Peer[] | undefined => (direction === 'Ingress' ? rule.from : rule.to);
    return (
      selecting.length === 0 ||
      rules.some(
        (rule) =>
          (rule.ports?.some((allowed) => matchesPort(allowed.port, port, target)) ?? true) &&
          (peersOf(rule)?.some((peer) => isPeer(peer, other)) ?? true),
      )
    );
  };
  return allows('Egress', source, target) && allows('Ingress', target, source);
};
