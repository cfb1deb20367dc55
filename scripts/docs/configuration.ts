// docs/configuration.md from the schema in src/config/.

import { RULES } from '../../src/config/rules.ts';
import { SECTIONS } from '../../src/config/schema.ts';
import { secretFileName, settingsOf, type Setting } from '../../src/config/setting.ts';

type Room = (typeof SECTIONS)[keyof typeof SECTIONS];

const HEAD = `# Configuration

<!-- Written by \`npm run docs\` from src/config/; a test fails when the two differ. -->

Every setting is an environment variable. An empty one counts as not given. All faults are reported at once, with exit code 78,
before anything starts; a variable that begins like one of ours (\`HTTP_\`, \`POSTGRES_\`, \`REDIS_\`, \`AUTH_\`, \`LIFECYCLE_\`, \`LOG_\`)
and is not known is a fault too. One line at start shows the settings in force, secrets masked.

**Secrets are files**: \`SECRETS_DIR/<variable in lower case>\`, or the file that \`<VARIABLE>_FILE\` names. A plain variable is taken only
when \`DD_ENV\` is \`local\` or \`test\`. A changed file is read again within a second; one that vanishes keeps its last value.
`;

const between = `## Between settings

${RULES.map(({ text }) => `- ${text}`).join('\n')}
`;

const TRACER = `## Read by the tracer itself

\`DD_TRACE_ENABLED=false\` leaves dd-trace unloaded. \`DD_TRACE_AGENT_URL\`, \`DD_TRACE_SAMPLE_RATE\` and the other \`DD_*\` variables of dd-trace work as
its documentation says, with three defaults turned off here: \`DD_INSTRUMENTATION_TELEMETRY_ENABLED\`, \`DD_REMOTE_CONFIGURATION_ENABLED\`,
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

const section = ([name, room]: [string, Room]): string =>
  [
    `## ${name}`,
    '',
    (room as Room & { description: string }).description,
    '',
    '| variable | value | default | what it is |',
    '| --- | --- | --- | --- |',
    ...settingsOf(room).map(([, setting]) => row(setting)),
    '',
  ].join('\n');

export const configurationPage = (): string =>
  [HEAD, ...Object.entries(SECTIONS).map((entry) => section(entry)), between, TRACER].join('\n');
