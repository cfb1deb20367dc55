// Every secret that exists during a run, so that afterwards everything that was written can be searched for them.

import { randomBytes } from 'node:crypto';

/** What it is, e.g. `password of Redis`, by the secret itself. */
export type KnownSecrets = ReadonlyMap<string, string>;

/** Shorter texts occur by chance. */
const SHORTEST = 12;

export const makeSecrets = () => {
  const known = new Map<string, string>();
  const add = (kind: string, secret: string): void => {
    if (secret.length < SHORTEST) throw new Error(`A ${kind} is shorter than ${SHORTEST} characters.`);
    known.set(secret, kind);
  };
  return {
    add,
    /** 192 random bits. */
    make: (kind: string): string => {
      const secret = randomBytes(24).toString('base64url');
      add(kind, secret);
      return secret;
    },
    /** The signature of a JWT: the rest of it is no secret. */
    addToken: (token: string): void => {
      add('signature of a token', token.split('.').at(-1) ?? '');
    },
    /** The content of a file that an agent has rendered. */
    addFile: (name: string, text: string): void => {
      const content = text.trim();
      if (name === 'auth_signing_keys')
        for (const { d } of (JSON.parse(content) as { keys: { d: string }[] }).keys) add('private key', d);
      else if (name.endsWith('credentials'))
        add('password of PostgreSQL', (JSON.parse(content) as { password: string }).password);
      else if (name !== 'auth_clients') add(`content of ${name}`, content);
    },
    all: (): KnownSecrets => known,
  };
};

export type Secrets = ReturnType<typeof makeSecrets>;
