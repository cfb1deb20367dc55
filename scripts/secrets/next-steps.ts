// Which server needs which password that was generated, and a command for it that does not print the password.

import type { Plan } from './plan.ts';

type Target = { readonly namespace: string; readonly name: string };

/** psql reads the password from kubectl, so it is neither printed nor in the list of processes nor in the history of the shell. */
const setPassword = (login: string, secret: string, key: string, namespace: string): string[] => [
  String.raw`  \set password ` +
    `\`kubectl --namespace ${namespace} get secret ${secret} --output jsonpath='{.data.${key}}' | base64 --decode\``,
  `  ALTER ROLE ${login} PASSWORD :'password';`,
];

const LOGINS = [
  { login: 'user_service_app_login', key: 'postgres_password', suffix: '' },
  { login: 'user_service_owner_login', key: 'postgres_migration_password', suffix: '-migration' },
];

/** @returns lines; none when no server has to be changed */
export const nextSteps = ({ added }: Plan, given: ReadonlySet<string>, { namespace, name }: Target): string[] => {
  const generated = new Set(Object.values(added).flatMap((texts) => Object.keys(texts)));
  const isNew = (key: string): boolean => generated.has(key) && !given.has(key);
  const logins = LOGINS.filter(({ key }) => isNew(key));
  const database = logins.flatMap(({ login, key, suffix }) => setPassword(login, `${name}${suffix}`, key, namespace));
  return [
    ...(logins.length === 0
      ? []
      : [
          'PostgreSQL needs the new passwords. Enter in psql, as an administrator of the database (docs/migrations.md makes the logins):',
          ...database,
        ]),
    ...(isNew('redis_password')
      ? [
          `Redis needs the new password: the key redis_password of the Secret ${name}. Without a password: redis.password=false in the values.`,
        ]
      : []),
    ...(isNew('auth_clients')
      ? ['No service may request tokens yet: auth_clients is {}. docs/configuration.md has its format.']
      : []),
  ];
};
