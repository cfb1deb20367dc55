import { Type } from 'typebox';
import { text } from '../setting.ts';

export const service = Type.Object(
  {
    name: text('DD_SERVICE', {
      default: 'user-service',
      description: 'Name of the service on every span, log line and metric.',
    }),
    env: text('DD_ENV', {
      default: 'local',
      description:
        'Deployment environment on every span, log line and metric. Secrets can be plain variables only in `local` and `test`.',
    }),
    version: text('DD_VERSION', {
      default: 'unknown',
      description:
        'Version of the build on every span, log line and metric, in /info and in the OpenAPI document. If not set: the version in package.json, or `unknown` without that file.',
    }),
    commit: text('SERVICE_COMMIT', { default: 'unknown', description: 'Commit of the build, shown by /info.' }),
    secretsDir: text('SECRETS_DIR', {
      default: '/run/secrets',
      description: 'Directory of the secret files. Each is named like its variable in lower case.',
    }),
  },
  { description: 'Identity of the process, and where its secrets are. Every process loads this section.' },
);
