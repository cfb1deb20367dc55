import { Type } from 'typebox';
import { parseCertificates } from '../certificates.ts';
import { file, text } from '../setting.ts';

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
    /** Node.js itself only warns about an invalid file, and no dependency with such a certificate is reachable. */
    extraCa: file('NODE_EXTRA_CA_CERTS', {
      expected: 'a file of PEM certificates',
      parse: parseCertificates,
      description:
        'PEM file with certificate authorities that every connection trusts in addition: PostgreSQL, Redis, Kafka and the schema registry. Node.js reads it once, at start.',
    }),
  },
  { description: 'Identity of the process, and where its secrets are. Every process loads this section.' },
);
