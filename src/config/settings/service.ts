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
        'Deployment environment on every span, log line and metric. Only `local` and `test` take secrets from plain variables.',
    }),
    version: text('DD_VERSION', {
      default: 'unknown',
      description:
        'Version of the build on every span, log line and metric, in /info and in the OpenAPI document. If not set: the version in package.json.',
    }),
    commit: text('SERVICE_COMMIT', { default: 'unknown', description: 'Commit of the build, shown by /info.' }),
    secretsDir: text('SECRETS_DIR', {
      default: '/run/secrets',
      description: 'Directory of secret files, one per secret, named as the variable in lower case.',
    }),
  },
  { description: 'Who this process is, and where its secrets lie. Every process reads it.' },
);
