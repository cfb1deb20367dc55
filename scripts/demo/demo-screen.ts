// What `npm run demo:kind` prints last: addresses, the account, and commands to try. Each command can be copied as it is.

import { DEFAULT_NAMESPACE } from './arguments.ts';
import type { DemoAccount } from './demo-account.ts';

type DemoScreen = {
  readonly versions: readonly [string, string];
  readonly cluster: string;
  readonly namespace: string;
  /** Set when the commands need it: a cluster of kind has a kubeconfig of its own. */
  readonly kubeconfig: string | undefined;
  readonly apiUrl: string;
  readonly prometheusUrl: string;
  readonly demo: DemoAccount;
};

const GRAPH = 'sum by (instance) (rate(http_request_duration_seconds_count[1m]))';

/** The command line that runs this command again for the same namespace. */
export const demoCommand = (namespace: string, option = ''): string => {
  const options = [option, namespace === DEFAULT_NAMESPACE ? '' : `--namespace ${namespace}`].filter(
    (text) => text !== '',
  );
  return options.length === 0 ? 'npm run demo:kind' : `npm run demo:kind -- ${options.join(' ')}`;
};

/** What can be tried, in the order of a talk: a name and one command. */
export const tryThese = ({ versions, namespace, kubeconfig, apiUrl, demo }: DemoScreen): [string, string][] => {
  const [, next] = versions;
  const json = `-H 'content-type: application/json'`;
  const kubectl = `kubectl -n ${namespace}`;
  const bearer = `-H "authorization: Bearer $TOKEN"`;
  const api = `${apiUrl}/api/v1`;
  const newest = '--sort-by=.metadata.creationTimestamp -o name | tail -n 1'; // the older ones may be ending
  const oneApiPod = `$(${kubectl} get pods -l app.kubernetes.io/component=api ${newest})`;
  return [
    ...(kubeconfig === undefined ? [] : ([['cluster', `export KUBECONFIG=${kubeconfig}`]] as [string, string][])),
    [
      'log in',
      `TOKEN=$(curl -s ${api}/auth/login ${json} -d '{"login":"${demo.username}","password":"${demo.password}"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    ],
    [
      'register',
      `curl -i ${api}/users ${json} -d '{"username":"ann","name":"Ann","email":"ann@example.com","password":"three quiet rivers"}'`,
    ],
    ['order', `curl -i ${api}/orders ${json} ${bearer} -d '{"amountMinor":1999,"currency":"EUR"}'`],
    ['list orders', `curl ${api}/orders ${bearer}`],
    ['load', demoCommand(namespace, '--load 60')],
    ['version 2', `helm upgrade users helm/user-service -n ${namespace} --reuse-values --set image.tag=${next} --wait`],
    ['see versions', `${kubectl} get pods -L app.kubernetes.io/version`],
    ['kill a pod', `${kubectl} delete ${oneApiPod}`],
    ['roll back', `helm rollback users -n ${namespace} --wait`],
    ['break Kafka', `${kubectl} scale statefulset kafka --replicas=0`],
    [
      // without a volume Kafka comes back empty: a Job creates the topics, and the registry its own when it starts
      'Kafka is back',
      `${kubectl} scale statefulset kafka --replicas=1 && helm upgrade demo-dependencies helm/demo-dependencies -n ${namespace} --reuse-values --wait && ${kubectl} rollout restart deployment schema-registry`,
    ],
  ];
};

export const demoScreen = (screen: DemoScreen): string => {
  const { versions, cluster, namespace, apiUrl, prometheusUrl, demo } = screen;
  const [version] = versions;
  const graph = `${prometheusUrl}/graph?g0.expr=${encodeURIComponent(GRAPH)}&g0.tab=0&g0.range_input=15m`;
  const commands = tryThese(screen).map(([name, command], index) => {
    const title = `${index + 1}. ${name}`;
    return `    ${title.padEnd(18)} ${command}`;
  });
  return `
  user-service ${version} is running on ${cluster}, namespace ${namespace}

    API          ${apiUrl}/api/v1
    docs         ${apiUrl}/docs
    Prometheus   ${prometheusUrl}/targets
    requests/s   ${graph}

    demo account    ${demo.username} / ${demo.password}

  Try these in another terminal, in this folder. Version 2, killing a pod and rolling back are best tried under load:

${commands.join('\n')}

  The URLs work while this command runs; a connection goes to a pod that is ready.
  Press Ctrl-C to end them: the demo stays installed. ${demoCommand(namespace, '--down')} removes it.
`;
};
