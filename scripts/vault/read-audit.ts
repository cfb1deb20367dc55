// Who read what: the lines of Vault's audit device `file`. https://developer.hashicorp.com/vault/docs/audit/schema

import { readFileSync } from 'node:fs';

export type Access = {
  /** ISO 8601. */
  readonly time: string;
  /** The AppRole of a process, otherwise the display name of the token, e.g. `root`; empty when nobody has logged in. */
  readonly who: string;
  readonly operation: string;
  readonly path: string;
  readonly denied: boolean;
};

type Entry = {
  readonly type: 'request' | 'response';
  readonly time: string;
  readonly error?: string;
  readonly auth?: { readonly display_name?: string; readonly metadata?: { readonly role_name?: string } };
  readonly request: { readonly operation: string; readonly path: string };
};

const toAccess = ({ time, error, auth, request }: Entry): Access => ({
  time,
  who: auth?.metadata?.role_name ?? auth?.display_name ?? '',
  operation: request.operation,
  path: request.path,
  denied: error?.includes('permission denied') ?? false,
});

/**
 * The finished requests, oldest first.
 * @param file JSON lines; each request is written before it is carried out, and its response again
 */
export const readAudit = (file: string): Access[] => {
  const entries = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);
  return entries.filter(({ type }) => type === 'response').map(toAccess);
};

/** A table in text: role, operation, path, how often and when last. Log-ins and renewals of tokens are left out. */
export const whoReadWhat = (accesses: readonly Access[]): string => {
  const rows = new Map<string, { access: Access; count: number }>();
  for (const access of accesses.filter(({ path }) => /^(?:user-service|database)\//.test(path))) {
    const { who, operation, path, denied } = access;
    const key = [who, operation, path, denied].join(' ');
    rows.set(key, { access, count: (rows.get(key)?.count ?? 0) + 1 });
  }
  const line = (who: string, operation: string, path: string, count: string, last: string): string =>
    `${who.padEnd(22)} ${operation.padEnd(9)} ${path.padEnd(40)} ${count.padStart(6)}  ${last}`;
  return [
    line('who', 'operation', 'path', 'times', 'last'),
    ...[...rows.values()].map(({ access, count }) => {
      const { who, operation, path, time, denied } = access;
      return line(who, operation, path, String(count), `${time.slice(11, 19)}${denied ? '  DENIED' : ''}`);
    }),
  ].join('\n');
};
