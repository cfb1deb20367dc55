import { X509Certificate } from 'node:crypto';

import { CodedError } from '../errors/coded-error.ts';
import { file } from './setting.ts';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const BEGIN = /-----BEGIN /g;

const invalid = (message: string): CodedError => new CodedError('SECRET_INVALID', message);

const assertReadable = (block: string, index: number): void => {
  try {
    new X509Certificate(block);
  } catch {
    throw invalid(`contains a PEM certificate that cannot be read: number ${index + 1}`);
  }
};

/**
 * The text of a PEM file of certificate authorities, after each certificate was read. Node ignores what it can't read, and then trusts nobody.
 * @throws CodedError without content of the file
 */
export const parseCertificates = (text: string): string => {
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length < (text.match(BEGIN) ?? []).length) throw invalid('contains a PEM block without its end');
  const certificates = blocks.filter(([, label]) => label?.endsWith('CERTIFICATE')).map(([block]) => block);
  if (certificates.length === 0) throw invalid('contains no PEM certificate');
  if (certificates.length < blocks.length) throw invalid('contains a PEM block that is not a certificate');
  for (const [index, certificate] of certificates.entries()) assertReadable(certificate, index);
  return text;
};

/** The setting of the authorities that a client of one server trusts. */
export const certificateAuthorities = (env: string) =>
  file(env, {
    expected: 'a file of PEM certificates',
    parse: parseCertificates,
    description:
      'PEM file with the certificate authorities. New connections use its current content. Empty: the authorities that Node trusts.',
  });
