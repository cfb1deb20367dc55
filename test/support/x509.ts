// X.509 certificates made at run time: Node can use certificates but not make them, and no key belongs in a repository.

import { createPublicKey, randomBytes, sign, type KeyObject } from 'node:crypto';

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const BASIC_CONSTRAINTS = oid('551d13');
const TRUE = der(0x01, Buffer.from([0xff]));

const utcTime = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
const nameOf = (text: string): Buffer => sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(text)))));

const hostNames = (names: readonly string[], addresses: readonly string[]): Buffer => {
  const dns = names.map((name) => der(0x82, Buffer.from(name)));
  const ip = addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number))));
  return sequence(SUBJECT_ALT_NAME, der(0x04, sequence(...dns, ...ip)));
};
const authority = sequence(BASIC_CONSTRAINTS, TRUE, der(0x04, sequence(TRUE)));

type Content = {
  /** Common names. */
  readonly subject: string;
  readonly issuer: string;
  /** What it is for: host names and IPv4 addresses, or signing other certificates. */
  readonly use: { readonly names: readonly string[]; readonly addresses: readonly string[] } | 'authority';
  readonly from: Date;
  readonly to: Date;
  /** On the curve P-256, like the key of the issuer. */
  readonly key: KeyObject;
  readonly issuerKey: KeyObject;
};

/** @returns the certificate in PEM */
export const makeCertificate = ({ subject, issuer, use, from, to, key, issuerKey }: Content): string => {
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(issuer),
    sequence(utcTime(from), utcTime(to)),
    nameOf(subject),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(use === 'authority' ? authority : hostNames(use.names, use.addresses))),
  );
  const signature = sign('sha256', content, issuerKey);
  const certificate = sequence(content, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
};
