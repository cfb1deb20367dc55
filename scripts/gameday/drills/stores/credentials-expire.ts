import type { Drill } from '../../drill.ts';

const FILE = 'postgres_credentials';
const LEFT_SECONDS = 20;

type Content = { readonly username: string; readonly password: string; readonly expiresAt?: number };

const NO_LEASE = 'The passwords of this stack do not expire.';

export const drill: Drill = {
  name: 'credentials-expire',
  title: 'The database credentials have a lease that nobody renews.',
  alert: 'CredentialsExpire',
  labels: { setting: 'POSTGRES_CREDENTIALS' },
  runbook: 'credentials-expire',
  blocks: ['which', 'reason', 'restore', 'verify'],
  notOn: { compose: NO_LEASE, kubectl: NO_LEASE },
  fillIn: () => Promise.resolve({ SECRET_FILE: FILE }),
  question: 'No request fails yet. What happens when the lease ends, and why does a restart of the processes not help?',
  answer:
    'The server ends the sessions and refuses the login: every request that needs the database fails. A restart reads the same file. Either what renews the file works ' +
    'again, or a login without a lease is written to it.',
  log: { process: 'api', line: /secret expires and was not renewed/ },
  inject: async (stack) => {
    const content = JSON.parse(await stack.readSecret(FILE)) as Content;
    const expiresAt = Math.ceil(Date.now() / 1000) + LEFT_SECONDS;
    await stack.writeSecret(FILE, JSON.stringify({ ...content, expiresAt }));
  },
  undo: async (stack) => {
    const { username, password } = JSON.parse(await stack.readSecret(FILE)) as Content;
    await stack.writeSecret(FILE, JSON.stringify({ username, password }));
  },
};
