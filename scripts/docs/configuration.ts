// docs/configuration.md from the schema in src/config/.

import { RULES } from '../../src/config/rules.ts';
import { SECTIONS } from '../../src/config/schema.ts';
import { secretFileName, settingsOf, type Setting } from '../../src/config/setting.ts';
import { prefixesOf } from '../../src/config/unknown-variables.ts';

type Section = (typeof SECTIONS)[keyof typeof SECTIONS];

const prefixes = prefixesOf(SECTIONS)
  .map((prefix) => `\`${prefix}\``)
  .join(', ');

const HEAD = `# Configuration

<!-- Written by \`npm run docs\` from src/config/; a test fails when the two differ. -->

Every setting is an environment variable. An empty variable counts as not set. A process with invalid settings reports all of them at once and exits
with code 78 before it starts anything. At start, one log line shows the settings in use, with secrets masked.

A variable with one of these prefixes has to be a setting. Any other is an error, because it is probably misspelt:
${prefixes}.

The variables that Kubernetes and Docker set for a Service or a container, such as \`REDIS_PORT=tcp://10.0.0.1:6379\`, count as not set. No setting may
contain user information (\`https://user:password@host\`): there are settings for user names and secret files for passwords.

**Secrets are files**: \`SECRETS_DIR/<variable in lower case>\`, or the file named by \`<VARIABLE>_FILE\`. A secret may be a plain variable only when
\`DD_ENV\` is \`local\` or \`test\`.

## Files that are read again

Every secret, and the file of certificate authorities, is read again when it changes: it is in use at most two seconds later, without a restart. New
content is parsed before it is used: each signing key is imported and has to sign once, each client needs hashes and known scopes, each certificate has
to be readable. A password can be anything but empty. Files are polled every second, not watched: a watch misses what Kubernetes and network file systems swap.

| the content | at start | later |
| --- | --- | --- |
| is valid | used | replaces the earlier content at once; a request sees either the old or the new |
| is missing, empty, incomplete or not valid | exit code 78, with the name of the setting | the last valid content stays in use |
| may be written by every account (mode \`o+w\`) | exit code 78, with the name of the setting | the last valid content stays in use |
| may be read by every account (mode \`o+r\`) | a warning | a warning |
| has a published example key, or, where \`DD_ENV\` begins with \`prod\`, the key of a demo | exit code 78 | the last valid content stays in use |

While a file cannot be used, the process is ready but \`degraded\` (check \`secrets\`), \`config_secret_valid{setting="…"}\` is 0, and each content that is not
valid is logged once, with the name of the setting and never the content. The recovery is logged, too.

What follows from a change:

- **Signing keys**: verified tokens are forgotten, so that a token of a removed key is refused by the next request. Other services may have cached the
  key set for the five minutes that its \`Cache-Control\` allows. To rotate keys without refusing tokens: append the new key, wait five minutes, move it
  to the front, and remove the old one after \`AUTH_ACCESS_TOKEN_TTL_SECONDS\`.
- **Clients**: a removed client gets no more tokens. Its last token is valid until it expires.
- **Credentials of PostgreSQL**: changed ones are tried on a connection of their own. When the server accepts them, they are in use: new connections have them,
  idle ones with the former are closed, and those at work are closed when they are free. When the server refuses them, the former stay in use and the process is
  \`degraded\` (check \`postgres-credentials\`). A connection that is refused because the password has changed on the server first waits for the file, at most
  \`POSTGRES_CONNECT_TIMEOUT_MS\`. \`expiresAt\` in the file is \`config_secret_expiry_timestamp_seconds\`; when 5 % of the time are left and the file was not
  renewed, the process is \`degraded\` (check \`secrets\`). ADR 19 says why user and password are in one file.
- **Other passwords and authorities**: new connections use them, open connections stay open. An optional secret that was missing at the start needs a restart.
`;

const between = `## Rules between settings

${RULES.map(({ text }) => `- ${text}`).join('\n')}
`;

const TRACER = `## Read by dd-trace

With \`DD_TRACE_ENABLED=false\` dd-trace is not loaded. \`DD_TRACE_AGENT_URL\`, \`DD_TRACE_SAMPLE_RATE\` and the other \`DD_*\` variables of dd-trace work
as its documentation says, with the defaults and exceptions in \`src/observability/spans/datadog.ts\`. [datadog.md](datadog.md) describes the three that
turn on features: \`DD_PROFILING_ENABLED\`, \`DD_DATA_STREAMS_ENABLED\` and \`DD_DBM_PROPAGATION_MODE\`.
`;

const defaultOf = (setting: Setting): string => {
  if (setting.optional) return 'none';
  if (setting.default === undefined) return '**required**';
  const shown = String(setting.default);
  return shown === '' ? 'empty' : `\`${shown}\``;
};

const expectedOf = (setting: Setting): string =>
  setting.secret ? `secret, file \`${secretFileName(setting)}\`` : setting.expected;

const row = (setting: Setting): string =>
  `| \`${setting.env}\` | ${expectedOf(setting)} | ${defaultOf(setting)} | ${setting.description} |`;

const section = ([name, group]: [string, Section]): string =>
  [
    `## ${name}`,
    '',
    (group as Section & { description: string }).description,
    '',
    '| variable | value | default | description |',
    '| --- | --- | --- | --- |',
    ...settingsOf(group).map(([, setting]) => row(setting)),
    '',
  ].join('\n');

export const configurationPage = (): string =>
  [HEAD, ...Object.entries(SECTIONS).map((entry) => section(entry)), between, TRACER].join('\n');
