// The journeys of e2e/ through the whole system: three processes and the example consumer on real Kafka, up to the notification.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTestTopics } from '../../support/test-topics.ts';
import { makeClient, startNotificationService } from './support/notification-service.ts';
import { registerSchemas, startProcesses } from './support/processes.ts';

const JOURNEYS = join(import.meta.dirname, '../../../e2e/src/main.ts');

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
    const example = await startNotificationService({ userServiceUrl: url, secretFile, deadlineMs: 30_000 });

    const output = await runJourneys({ E2E_BASE_URL: url, E2E_NOTIFICATIONS_URL: example.url });

    // one is skipped without Chromium
    expect(output).toMatch(/\n(?:7 passed, 0 failed|6 passed, 0 failed, 1 skipped)\n$/);
    expect(output).not.toContain('E2E_NOTIFICATIONS_URL');
  });
});
