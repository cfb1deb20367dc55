// The PHC string format: https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md

export type Argon2Parameters = { readonly memoryKib: number; readonly passes: number; readonly parallelism: number };
export type Argon2Hash = Argon2Parameters & { readonly salt: Buffer; readonly tag: Buffer };

/** Argon2 version 1.3 is 0x13, in decimal 19. */
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

export const formatPhc = ({ memoryKib, passes, parallelism, salt, tag }: Argon2Hash): string =>
  `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;

/** @throws Error when `text` is not an Argon2id hash: this service never writes such a value */
export const parsePhc = (text: string): Argon2Hash => {
  const [, memoryKib, passes, parallelism, salt = '', tag = ''] = PHC.exec(text) ?? [];
  if (memoryKib === undefined) throw new Error('A stored password hash is not an Argon2id PHC string.');
  return {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
};
