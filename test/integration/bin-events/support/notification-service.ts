// The example consumer on the real servers of the test run.

import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { startProgram } from '../../../support/child-process.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { programs, secrets } from './processes.ts';

/** Creates its credentials, and the secret file of the service for them. @returns the path of its secret */
export const makeClient = (): string => {
  const secret = randomBytes(24).toString('base64url');
  const file = join(secrets, 'notification_service_secret');
  writeFileSync(file, secret);
  const secretSha256 = [createHash('sha256').update(secret).digest('hex')];
  const clients = { 'notification-service': { secretSha256, scopes: ['users:read'] } };
  writeFileSync(join(secrets, 'auth_clients'), JSON.stringify(clients));
  return file;
};

type Options = {
  readonly userServiceUrl: string;
  /** Of makeClient. */
  readonly secretFile: string;
  readonly env?: Record<string, string>;
  readonly execArgv?: readonly string[];
  readonly deadlineMs: number;
};

/** Ready when it resolves. It is ended after the test. */
export const startNotificationService = async ({
  userServiceUrl,
  secretFile,
  env,
  deadlineMs,
  ...options
}: Options) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram('../../examples/notification-service/src/main', {
    ...options,
    env: {
      ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port), MANAGEMENT_PORT: String(managementPort) },
      ...{ KAFKA_BROKERS: inject('kafka').brokers.join(','), SCHEMA_REGISTRY_URL: inject('registry').url },
      ...{ USER_SERVICE_URL: userServiceUrl, USER_SERVICE_CLIENT_SECRET_FILE: secretFile },
      OUTBOX_DIRECTORY: join(secrets, 'outbox'),
      ...env,
    },
  });
  programs.push(program);
  const managementUrl = `http://127.0.0.1:${managementPort}`;
  await eventually(
    async () => {
      expect((await fetch(`${managementUrl}/health/ready`)).status, program.output.stdout).toBe(200);
    },
    { deadlineMs },
  );
  return { ...program, url: `http://127.0.0.1:${port}`, managementUrl };
};
