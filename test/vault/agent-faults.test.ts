// What an agent does when Vault denies, lacks something, is sealed, hangs or restarts. docs/vault.md lists it.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { askVault } from '../../scripts/vault/ask-vault.ts';
import type { Agent } from '../../scripts/vault/start-agent.ts';
import { eventually } from '../support/eventually.ts';
import { useVault, type Configured } from './support/use-vault.ts';

/** A few seconds in all, where agent/common.hcl has minutes. */
const IMPATIENT = { min_backoff: '500ms', max_backoff: '1s', num_retries: 3, static_secret_render_interval: '1s' };
const PATIENT = { ...IMPATIENT, num_retries: 12 };

const read = (agent: Agent, name: string): string => readFileSync(join(agent.secrets, name), 'utf8');

const logs = (agent: Agent, text: string, times: number): Promise<void> =>
  eventually(
    () => {
      const count = agent.log().split(text).length - 1;
      expect(count, agent.log()).toBeGreaterThanOrEqual(times);
    },
    { deadlineMs: 30_000 },
  );

describe('an agent that Vault denies something', () => {
  let at: Configured;
  useVault({ mode: 'dynamic', leaseSeconds: 60 }, (made) => (at = made));

  it('tries to log in for as long as its secret id is wrong, and writes nothing', async () => {
    const agent = await at.launch({ role: 'api', settings: IMPATIENT });
    await agent.stop();
    const file = join(agent.secrets, '../secret-id');
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, 'c0ffee00-0000-4000-8000-000000000000');
    agent.files.forEach((path) => {
      writeFileSync(path, 'what it rendered before');
    });
    agent.restart();
    await logs(agent, 'invalid role or secret ID', 5);
    expect(agent.ended()).toBe(false);
    expect(read(agent, 'redis_password')).toBe('what it rendered before');

    writeFileSync(file, right); // the file is read again at each attempt
    await eventually(
      () => {
        expect(read(agent, 'redis_password'), agent.log()).toContain(at.secrets.redis_password);
      },
      { deadlineMs: 10_000 },
    );
  });

  it('ends with an error after its retries when a secret is denied', async () => {
    await askVault(at.vault, 'PUT', 'sys/policies/acl/user-service-relay', {
      policy: 'path "user-service/data/management" { capabilities = ["read"] }',
    });
    const agent = await at.launch({ role: 'relay', settings: IMPATIENT });
    expect(await agent.exited()).not.toBe(0);
    expect(agent.log()).toMatch(/permission denied/);
    expect(() => read(agent, 'postgres_credentials')).toThrow('ENOENT');
  });

  it('ends with an error when a secret lacks a key, and leaves no empty file', async () => {
    await askVault(at.vault, 'PUT', 'user-service/data/kafka', { data: { pasword: 'misspelt' } });
    const agent = await at.launch({ role: 'worker', settings: IMPATIENT });
    expect(await agent.exited()).not.toBe(0);
    expect(agent.log()).toMatch(/map has no entry for key/);
    expect(agent.log()).not.toContain('misspelt');
    expect(() => read(agent, 'kafka_password')).toThrow('ENOENT');
  });
});

describe('an agent whose Vault is away', () => {
  let at: Configured;
  useVault({ mode: 'dynamic', leaseSeconds: 8 }, (made) => (at = made));

  it('waits at its start until Vault is unsealed', async () => {
    const agent = await at.launch({ role: 'api', settings: IMPATIENT });
    await agent.stop();
    agent.files.forEach((path) => {
      rmSync(path, { force: true });
    });
    await at.vault.seal();
    agent.restart();
    await logs(agent, 'Vault is sealed', 5); // more often than num_retries
    expect(agent.ended()).toBe(false);
    await at.vault.unseal();
    await agent.rendered({ deadlineMs: 10_000 });
    await agent.kill();
  });

  it('keeps its files while Vault is sealed, and goes on when it is unsealed', async () => {
    const agent = await at.launch({ role: 'api', settings: PATIENT });
    await agent.rendered();
    const before = read(agent, 'postgres_credentials');
    await at.vault.seal();
    await logs(agent, 'Vault is sealed', 3);
    expect(read(agent, 'postgres_credentials')).toBe(before);
    const start = performance.now();
    await at.vault.unseal();
    await eventually(
      () => {
        expect(read(agent, 'postgres_credentials')).not.toBe(before);
      },
      { deadlineMs: 20_000 },
    );
    console.log(`unsealed: a new login after ${((performance.now() - start) / 1000).toFixed(1)} s, max_backoff 1 s`);
    await agent.kill();
  });

  it('goes on after Vault was killed and started again', async () => {
    const agent = await at.launch({ role: 'api', settings: PATIENT });
    await agent.rendered();
    const before = read(agent, 'postgres_credentials');
    await at.vault.kill();
    await logs(agent, 'connection refused', 2);
    await at.vault.start();
    await eventually(
      () => {
        expect(read(agent, 'postgres_credentials')).not.toBe(before);
      },
      { deadlineMs: 20_000 },
    );
    expect(agent.ended()).toBe(false);
    await agent.kill();
  });

  it('ends after its retries, so that whoever supervises it sees it; its files stay', async () => {
    const agent = await at.launch({ role: 'api', settings: IMPATIENT });
    await agent.rendered();
    const before = read(agent, 'postgres_credentials');
    await at.vault.kill();
    expect(await agent.exited()).not.toBe(0);
    expect(read(agent, 'postgres_credentials')).toBe(before);

    await at.vault.start();
    agent.restart();
    await eventually(
      () => {
        expect(read(agent, 'postgres_credentials')).not.toBe(before);
      },
      { deadlineMs: 20_000 },
    );
  });
});
