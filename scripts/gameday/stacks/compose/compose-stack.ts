// The whole system in containers of Docker Compose, from a clone of this repository. All of it is removed at the end.

import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { docker } from '../../../../test/support/docker-command.ts';
import { removeProject } from '../../../../test/support/compose-project.ts';
import { openAll, type Closings } from '../closings.ts';
import { claim } from '../only-one.ts';
import type { OpenStack, Stack, StackOpener } from '../stack.ts';
import { makeRedis, makeSql, PATIENT } from '../stores.ts';
import { startTraces } from '../traces.ts';
import { hasChanges, makeCheckout, type Checkout } from './checkout.ts';
import { followLogs } from './logs.ts';
import { composeIn, operations, type Compose } from './operate.ts';
import { makeSecrets, type Secrets } from './secrets.ts';
import { CHECKOUT, composeVariables, findPorts, FOLDER, overrideOf, PROJECT, type Ports } from './settings.ts';

type Report = (line: string) => void;

/** In the container of a process: the brokers are not reached from this machine. Messages are read from standard input. */
const PRODUCE = `
  const [, brokers, topic] = process.argv;
  const { Kafka, logLevel } = require('kafkajs');
  const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).producer();
  producer.connect()
    .then(() => producer.send({ topic, messages: JSON.parse(fs.readFileSync(0, 'utf8')) }))
    .then(() => producer.disconnect());`;

const gatewayOf = (): Promise<string> =>
  docker(['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}']).catch(() => '127.0.0.1');

const openStores = async (compose: Compose, ports: Ports): Promise<Pick<Stack, 'sql' | 'redis' | 'produce'>> => {
  const secretOf = (service: string, file: string): Promise<string> =>
    compose(['exec', '-T', service, 'cat', `/run/secrets/${file}`]);
  const password = await secretOf('postgres', 'postgres_superuser_password');
  const account = { user: 'postgres', password, database: 'user_service' };
  return {
    sql: makeSql({ host: '127.0.0.1', port: ports.postgres, ...account, ...PATIENT }),
    redis: makeRedis({ host: '127.0.0.1', port: ports.redis, password: await secretOf('redis', 'redis_password') }),
    produce: async (topic, messages) => {
      const input = JSON.stringify(messages);
      await compose(['exec', '-T', 'worker', 'node', '-e', PRODUCE, 'kafka:9092', topic], input);
    },
  };
};

const FLAGS = 'compose/feature-flags/feature-flags.json';

/** Some change with each release and each written secret: see `variablesOf`. */
type Variables = {
  readonly ports: Ports;
  readonly promtool: string;
  readonly checkout: Checkout;
  readonly secrets: Secrets;
};

const variablesOf = ({ ports, promtool, checkout, secrets }: Variables): Record<string, string> => {
  const good = secrets.previous();
  // eslint-disable-next-line n/no-process-env -- the path of the blocks
  const { PATH = '' } = process.env;
  return {
    ...composeVariables(ports),
    API_URL: `http://127.0.0.1:${ports.api}`,
    PROMETHEUS_URL: `http://127.0.0.1:${ports.prometheus}`,
    GOOD_COMMIT: checkout.goodCommit(),
    ...(good !== undefined && { GOOD_FILE: good }),
    PATH: [dirname(process.execPath), dirname(promtool), PATH].join(':'),
  };
};

const start = async (promtool: string, report: Report, closings: Closings): Promise<Omit<OpenStack, 'close'>> => {
  closings.push(claim(join(FOLDER, 'pid'), 'A stack of Docker Compose'));
  await removeProject(PROJECT); // of a run that was killed
  closings.push(() => removeProject(PROJECT));
  const ports = await findPorts();
  const traces = await startTraces(await gatewayOf());
  closings.push(traces.close);
  const changed = await hasChanges();
  report(`cloning the last commit${changed ? '; changes that are not committed are not part of the stack' : ''}`);
  const checkout = await makeCheckout(CHECKOUT, overrideOf(ports, traces.port));
  const compose = composeIn(checkout.folder, composeVariables(ports));

  report('building both images; the first time takes minutes');
  await compose(['build', '--quiet', '--build-arg', `COMMIT=${checkout.goodCommit()}`]);
  const logs = followLogs(PROJECT, join(FOLDER, 'logs'));
  closings.push(logs.close);
  report('starting the servers, then api, relay, worker and notification-service');
  await compose(['up', '--detach', '--wait']);
  await compose(['up', '--detach', '--no-deps', '--wait', 'prometheus']); // now: nobody is absent
  const secrets = makeSecrets(compose, join(FOLDER, 'previous-secrets'));
  const readVariables = (): Record<string, string> => variablesOf({ ports, promtool, checkout, secrets });
  const { API_URL: apiUrl = '', PROMETHEUS_URL: prometheusUrl = '' } = readVariables();
  report(`ready: API_URL=${apiUrl} PROMETHEUS_URL=${prometheusUrl}`);
  const stack: Stack = {
    target: 'compose',
    folder: checkout.folder,
    get variables() {
      return readVariables();
    },
    apiUrl,
    ...operations(compose, checkout),
    ...(await openStores(compose, ports)),
    writeSecret: secrets.write,
    readSecret: secrets.read,
    writeFlags: (content) => writeFile(join(checkout.folder, FLAGS), content),
    output: logs.outputOf,
  };
  return { stack, spansOf: traces.spansOf };
};

/** On failure everything that was started is removed. @param promtool its path, for blocks */
export const composeStackOpener =
  (promtool: string): StackOpener =>
  (report) =>
    openAll((closings) => start(promtool, report, closings));
