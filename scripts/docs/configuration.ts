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

**Secrets are files**: \`SECRETS_DIR/<variable in lower case>\`, or the file named by \`<VARIABLE>_FILE\`. A secret may be a plain variable only when
\`DD_ENV\` is \`local\` or \`test\`. A changed file is read again within a second. If the file disappears, the last value stays in use.
`;

const between = `## Rules between settings

${RULES.map(({ text }) => `- ${text}`).join('\n')}
`;

const TRACER = `## Read by dd-trace

With \`DD_TRACE_ENABLED=false\` dd-trace is not loaded. \`DD_TRACE_AGENT_URL\`, \`DD_TRACE_SAMPLE_RATE\` and the other \`DD_*\` variables of dd-trace work
as its documentation says, with three features turned off by default: \`DD_INSTRUMENTATION_TELEMETRY_ENABLED\`, \`DD_REMOTE_CONFIGURATION_ENABLED\`,
\`DD_CRASHTRACKING_ENABLED\`.
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
