import { CodedError } from '../../src/errors/coded-error.ts';

/** The message says what failed and what to do about it. It contains no secret. */
export class VaultError extends CodedError<
  | 'VAULT_MISSING' // the program can't be run
  | 'VAULT_PORT_TAKEN'
  | 'VAULT_NOT_STARTED'
  | 'VAULT_REFUSED' // a request, or a command of the scripts in vault/
  | 'VAULT_AGENT_ENDED'
> {}
