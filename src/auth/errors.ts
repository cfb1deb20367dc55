import { CodedError } from '../errors/coded-error.ts';

export type AuthErrorCode =
  | 'CREDENTIALS_WRONG' // unknown login or wrong password: the same response in the same time
  | 'CLIENT_CREDENTIALS_WRONG'
  | 'PASSWORD_UNACCEPTABLE' // NIST SP 800-63B: too short, too long, or a common one
  | 'PASSWORD_WRONG' // the current password, when changing it or entering it again
  | 'REAUTHENTICATION_REQUIRED' // the token carries no recent time at which the password was entered
  | 'SESSION_REQUIRED' // only for users
  | 'TOKEN_MISSING'
  | 'TOKEN_INVALID' // one generic error for every cause
  | 'SCOPE_MISSING'
  | 'REFRESH_TOKEN_INVALID'; // unknown, expired, ended, or used before (then its session has just ended)

export class AuthError extends CodedError<AuthErrorCode> {}

/** Why a token is TOKEN_INVALID: its session has ended. The cause of that error, for the audit log; no caller sees it. */
export class RevokedToken extends CodedError<'TOKEN_REVOKED'> {
  readonly subject: string;

  constructor(subject: string) {
    super('TOKEN_REVOKED', 'The session of the token has ended.');
    this.subject = subject;
  }
}
