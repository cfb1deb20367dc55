// What a drill changes in docker-compose.yml, and the variables of Compose.

import { join } from 'node:path';

import { freePort } from '../../../../test/support/free-port.ts';
import { PATIENCE } from '../../../../test/support/patience.ts';
import { OWN_NAME } from '../only-one.ts';
import { ROOT } from '../stack.ts';

export const FOLDER = join(ROOT, '.cache/gameday/compose');
export const CHECKOUT = join(FOLDER, 'checkout');

/** Compose reads it after docker-compose.yml. */
export const OVERRIDE = 'docker-compose.override.yml';

/** One for each checkout of the repository, so that two of them do not disturb each other. */
export const PROJECT = OWN_NAME;

export type Ports = Readonly<Record<'api' | 'notifications' | 'prometheus' | 'postgres' | 'redis', number>>;

export const findPorts = async (): Promise<Ports> => ({
  api: await freePort(),
  notifications: await freePort(),
  prometheus: await freePort(),
  postgres: await freePort(),
  redis: await freePort(),
});

/** Wide limits: the load comes from one address, and the machine may be small. */
const SMALL_MACHINE = { ...PATIENCE, HTTP_STRICT_LIMIT_PER_MINUTE: '1000' };

/** Host name of this machine in a container. */
const THIS_MACHINE = 'host.docker.internal';

const tracesTo = (port: number) => ({
  extra_hosts: [`${THIS_MACHINE}:host-gateway`],
  // a protocol version turns OTLP off
  environment: { DD_TRACE_AGENT_URL: `http://${THIS_MACHINE}:${port}`, DD_TRACE_AGENT_PROTOCOL_VERSION: '0.4' },
});

/** Read after docker-compose.yml: a clock for drills, traces to a double of the agent, and the stores within reach of the drills. */
export const overrideOf = (ports: Ports, tracesPort: number) => {
  const traces = tracesTo(tracesPort);
  const ofService = { ...traces, environment: { ...traces.environment, ...SMALL_MACHINE } };
  const publish = (port: number, inside: number) => ({ ports: [`127.0.0.1:${port}:${inside}`] });
  return {
    services: {
      api: ofService,
      relay: ofService,
      worker: ofService,
      'notification-service': traces,
      postgres: publish(ports.postgres, 5432),
      redis: publish(ports.redis, 6379),
    },
  };
};

/** Of Compose. None is left to what a developer has set for another project. */
export const composeVariables = (ports: Ports): Record<string, string> => ({
  COMPOSE_PROJECT_NAME: PROJECT,
  COMPOSE_FILE: `docker-compose.yml:${OVERRIDE}`,
  COMPOSE_PROFILES: '',
  NEW_RELIC_LICENSE_KEY: '',
  DD_API_KEY: '',
  API_PORT: String(ports.api),
  NOTIFICATIONS_PORT: String(ports.notifications),
  PROMETHEUS_PORT: String(ports.prometheus),
});
