import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { parseCertificates } from '../../../src/config/certificates.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';

const [first = '', second = ''] = rootCertificates;
const KEY = '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----';

describe('parseCertificates', () => {
  it('accepts one certificate, or several with text around them', () => {
    for (const text of [first, `# our authority\n${first}\n\n${second}\n`]) expect(parseCertificates(text)).toBe(text);
  });

  it.each([
    ['no certificate', 'hunter2', 'contains no PEM certificate'],
    ['half a certificate', first.slice(0, 200), 'contains a PEM block without its end'],
    ['one and a half', `${first}\n${second.slice(0, 200)}`, 'contains a PEM block without its end'],
    ['a key', KEY, 'contains no PEM certificate'],
    ['a certificate and a key', `${first}\n${KEY}`, 'contains a PEM block that is not a certificate'],
    [
      'a damaged one',
      `${first}\n${second.slice(0, 100)}${second.slice(200)}`,
      'contains a PEM certificate that cannot be read: number 2',
    ],
  ])('rejects %s', (_what, text, message) => {
    expect(() => parseCertificates(text)).toThrow(new CodedError('SECRET_INVALID', message));
  });
});
