// The problem types of the management port, beside those of HTTP itself.

import type { DiagnosticsErrorCode } from '../../observability/diagnostics/profiles.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { HTTP_PROBLEM_TYPES } from '../problems/http-problem-types.ts';
import type { ProblemType } from '../problems/problem.ts';

export type OperatorErrorCode = 'OPERATOR_TOKEN_MISSING' | 'OPERATOR_TOKEN_INVALID';

export class OperatorError extends CodedError<OperatorErrorCode> {}

export const MANAGEMENT_PROBLEM_TYPES = {
  ...HTTP_PROBLEM_TYPES,
  OPERATOR_TOKEN_MISSING: { status: 401, title: 'No operator token', remedy: 'Send `Authorization: Bearer <token>`.' },
  OPERATOR_TOKEN_INVALID: {
    status: 401,
    title: 'Operator token rejected',
    remedy: 'Use the token in the secret file of HTTP_MANAGEMENT_TOKEN.',
    bearerError: 'invalid_token',
  },
  DIAGNOSTICS_RUNNING: {
    status: 409,
    title: 'Diagnostics running',
    remedy: 'Try again when the profile or snapshot in progress has been taken.',
  },
  DIAGNOSTICS_FILE_NOT_FOUND: { status: 404, title: 'No such file', remedy: 'Use a name that a response returned.' },
  DIAGNOSTICS_NOT_STORED: {
    status: 507,
    title: 'Diagnostics not stored',
    remedy: 'Provide a writable folder with enough space: HTTP_MANAGEMENT_DIAGNOSTICS_DIR.',
  },
} as const satisfies Record<OperatorErrorCode | DiagnosticsErrorCode, ProblemType> & typeof HTTP_PROBLEM_TYPES;
