// The journeys of e2e/ through the whole system: three processes and the example consumer on real Kafka, up to the notification.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { startProgram } from '../../support/child-process.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { programs, registerSchemas, secrets, startProcesses } from './support/processes.ts';

const NOTIFICATION_SERVICE = '../../examples/notification-service/src/main';
const JOURNEYS = join(import.meta.dirname, '../../../e2e/src/main.ts');

/** Creates its credentials, and the secret file of the service for them. */
const makeClient = () => {
  const secret = randomBytes(24).toString('base64url');
  const file = join(secrets, 'notification_service_secret');
  writeFileSync(file, secret);
  const secretSha256 = [createHash('sha256').update(secret).digest('hex')];
  const clients = { 'notification-service': { secretSha256, scopes: ['users:read'] } };
  writeFileSync(join(secrets, 'auth_clients'), JSON.stringify(clients));
  return file;
};

const startNotificationService = async (userServiceUrl: string, secretFile: string): Promise<string> => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram(NOTIFICATION_SERVICE, {
    env: {
      ...{ HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port), MANAGEMENT_PORT: String(managementPort) },
      ...{ KAFKA_BROKERS: inject('kafka').brokers.join(','), SCHEMA_REGISTRY_URL: inject('registry').url },
      ...{ USER_SERVICE_URL: userServiceUrl, USER_SERVICE_CLIENT_SECRET_FILE: secretFile },
      OUTBOX_DIRECTORY: join(secrets, 'outbox'),
    },
  });
  programs.push(program);
  await eventually(
    async () => {
      const { status } = await fetch(`http://127.0.0.1:${managementPort}/health/ready`);
      expect(status, program.output.stdout).toBe(200);
    },
    { deadlineMs: 30_000 },
  );
  return `http://127.0.0.1:${port}`;
};

const runJourneys = async (env: Record<string, string>): Promise<string> => {
  const child = spawn(process.execPath, [JOURNEYS], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  return output;
};

describe('the journeys', { timeout: 120_000 }, () => {
  it('pass through the whole system, up to the notification', async () => {
    await registerSchemas();
    await makeTestTopics().open('notification-service.dlq', { partitions: 1 });
    const secretFile = makeClient();
    const env = { HTTP_STRICT_LIMIT_PER_MINUTE: '1000' };
    const members = await startProcesses({ env }, ['api', 'relay', 'worker']);
    await Promise.all(members.map(({ becomes }) => becomes(200)));
    const url = members[0]?.url ?? '';
    const notificationsUrl = await startNotificationService(url, secretFile);

    const output = await runJourneys({ E2E_BASE_URL: url, E2E_NOTIFICATIONS_URL: notificationsUrl });

    // one is skipped without Chromium
    expect(output).toMatch(/\n(?:7 passed, 0 failed|6 passed, 0 failed, 1 skipped)\n$/);
    expect(output).not.toContain('E2E_NOTIFICATIONS_URL');
  });
});
