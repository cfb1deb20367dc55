// The agent of one process: logs in with an AppRole and renders the files that the process reads. Its configuration is in vault/agent.

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../test/support/eventually.ts';
import { FILES, runScript, type Mode } from './configure-vault.ts';
import { runVault, type Running } from './run-vault.ts';
import { VaultError } from './vault-error.ts';

export type Role = 'api' | 'relay' | 'worker' | 'migrate';

/** Kafka without a password needs no agent/kafka.hcl. */
export type AgentOptions = {
  readonly role: Role;
  readonly mode: Mode;
  readonly kafka?: boolean;
  /** The working folder: role-id, secret-id, the log, and `secrets` with the rendered files. */
  readonly directory: string;
  /** The program. */
  readonly vault: string;
  readonly address: string;
  /** Of an operator: with it the role id and secret id are issued. Without it the folder has them already. */
  readonly token?: string;
  /** Other values than those of agent/common.hcl and agent/demo.hcl, by name: `{ max_backoff: '5s', num_retries: 3 }`. */
  readonly settings?: Readonly<Record<string, string | number>>;
};

/** Which files of vault/agent make up the configuration of a process, and what it renders. */
export const partsOf = (role: Role, mode: Mode, kafka = false): string[] => {
  const messaging = kafka ? ['kafka'] : [];
  if (role === 'migrate') return [`migrations-${mode}`, ...messaging, 'one-shot'];
  return [...(role === 'api' ? ['auth', 'redis'] : messaging), 'management', `postgres-${mode}`];
};

const textOf = (part: string): string => readFileSync(join(FILES, 'agent', `${part}.hcl`), 'utf8');

/** Names of the files that the agent renders. */
const rendersOf = (parts: readonly string[]): string[] =>
  parts.flatMap((part) => [...textOf(part).matchAll(/destination += "secrets\/(\w+)"/g)].map(([, name = '']) => name));

/** Copies, so that values of this run can differ. */
const writeConfiguration = ({ directory, settings = {} }: AgentOptions, parts: readonly string[]): string[] =>
  ['common', 'demo', ...parts].map((part) => {
    let text = textOf(part);
    for (const [name, value] of Object.entries(settings))
      text = text.replace(new RegExp(`\\b(${name} += )[^\\s]+`), `$1${JSON.stringify(value)}`); // eslint-disable-line security/detect-non-literal-regexp -- names of settings
    writeFileSync(join(directory, `${part}.hcl`), text);
    return `-config=${part}.hcl`;
  });

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const issueIdentity = async ({ role, directory, vault, address, token = '' }: AgentOptions): Promise<void> => {
  if (token.length > 0)
    await runScript({ vault, address, token }, ['issue-identity.sh', `user-service-${role}`, directory]);
};

/** Starts it without waiting for its files. */
export const launchAgent = async (options: AgentOptions) => {
  const { role, mode, kafka, directory, vault, address } = options;
  const secrets = join(directory, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  await issueIdentity(options);
  const parts = partsOf(role, mode, kafka);
  const args = ['agent', ...writeConfiguration(options, parts)];
  const logFile = join(directory, 'agent.log');
  const start = (): Running => runVault({ vault, args, directory, logFile, env: { VAULT_ADDR: address } });
  let agent = start();
  const files = rendersOf(parts).map((name) => join(secrets, name));
  return {
    /** The folder of the rendered files: SECRETS_DIR of the process. */
    secrets,
    files,
    pid: () => agent.pid,
    ended: () => agent.ended(),
    exited: () => agent.exited,
    stop: () => agent.stop(),
    kill: () => agent.kill(),
    log: () => agent.log(),
    /** After it has ended. */
    restart: () => {
      agent = start();
    },
    /** Resolves when every file has been rendered. */
    rendered: async ({ deadlineMs = 30_000 } = {}): Promise<void> => {
      const check = (): boolean => {
        const missing = files.filter((file) => !isFile(file));
        if (missing.length === 0) return true;
        if (agent.ended()) return false;
        throw new VaultError('VAULT_AGENT_ENDED', `The agent of ${role} has not rendered ${missing.join(', ')}.`);
      };
      if (!(await eventually(check, { deadlineMs })))
        throw new VaultError('VAULT_AGENT_ENDED', `The agent of ${role} has ended:\n${agent.log()}`);
    },
  };
};

export type Agent = Awaited<ReturnType<typeof launchAgent>>;

/**
 * Starts it and waits for its files.
 * @throws VaultError VAULT_AGENT_ENDED
 */
export const startAgent = async (options: AgentOptions): Promise<Agent> => {
  const agent = await launchAgent(options);
  await agent.rendered().catch(async (error: unknown) => {
    await agent.kill();
    throw error;
  });
  return agent;
};
