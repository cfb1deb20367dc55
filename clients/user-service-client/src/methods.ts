// The type of the client, derived from the generated types: one method per operation of the OpenAPI document.

import type { operations } from './generated/api-types.ts';
import type { OPERATIONS } from './generated/operations.ts';

type Rows = typeof OPERATIONS;
export type OperationId = keyof Rows;

type Part<Id extends OperationId, Place extends 'path' | 'query' | 'header'> = NonNullable<
  operations[Id]['parameters'][Place]
>;
type OrNothing<T> = [T] extends [never] ? unknown : T;
type IsOptional<T> = object extends T ? true : false;

/** Path and query parameters in one object. */
type Parameters<Id extends OperationId> = OrNothing<Part<Id, 'path'>> & OrNothing<Part<Id, 'query'>>;

type JsonOf<T> = T extends { content: { 'application/json': infer Json } } ? Json : undefined;
type Body<Id extends OperationId> = operations[Id] extends { requestBody: infer Body } ? JsonOf<Body> : never;

/** Header parameters in camel case: `Idempotency-Key` is `idempotencyKey`. Required where the document requires them. */
type HeaderOptions<Id extends OperationId> = {
  readonly [Name in keyof Rows[Id]['headers'] as IsRequired<Id, Name> extends true ? Name : never]: string;
} & { readonly [Name in keyof Rows[Id]['headers'] as IsRequired<Id, Name> extends true ? never : Name]?: string };
type IsRequired<
  Id extends OperationId,
  Name extends keyof Rows[Id]['headers'],
> = Rows[Id]['headers'][Name] extends keyof Part<Id, 'header'>
  ? IsOptional<Pick<Part<Id, 'header'>, Rows[Id]['headers'][Name]>> extends true
    ? false
    : true
  : false;

/** `signal` aborts the call, which then rejects with the signal's reason. */
export type CallOptions<Id extends OperationId> = HeaderOptions<Id> & { readonly signal?: AbortSignal };

type SuccessStatus<Id extends OperationId> = Extract<
  keyof operations[Id]['responses'],
  Rows[Id]['withBody'][number] | Rows[Id]['withoutBody'][number]
>;

/** Names are in lower case: `headers.etag`, `headers.location`. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

export type OperationResponse<Id extends OperationId, Status extends SuccessStatus<Id> = SuccessStatus<Id>> = {
  [S in Status]: {
    readonly status: S;
    readonly body: JsonOf<operations[Id]['responses'][S]>;
    readonly headers: ResponseHeaders;
  };
}[Status];

type Arguments<Id extends OperationId, Options> = [
  ...(Rows[Id]['takesParameters'] extends true
    ? IsOptional<Parameters<Id>> extends true
      ? [parameters?: Parameters<Id>]
      : [parameters: Parameters<Id>]
    : []),
  ...(Rows[Id]['takesBody'] extends true ? [body: Body<Id>] : []),
  ...(IsOptional<Options> extends true ? [options?: Options] : [options: Options]),
];

type PlainMethod<Id extends OperationId> = (...args: Arguments<Id, CallOptions<Id>>) => Promise<OperationResponse<Id>>;

/** A response can be 304 only when `ifNoneMatch` was sent: other callers need not check the status. */
type ConditionalMethod<Id extends OperationId> = {
  (
    ...args: Arguments<Id, Omit<CallOptions<Id>, 'ifNoneMatch'>>
  ): Promise<OperationResponse<Id, Exclude<SuccessStatus<Id>, 304>>>;
  (...args: Arguments<Id, CallOptions<Id> & { readonly ifNoneMatch: string }>): Promise<OperationResponse<Id>>;
};

export type UserServiceClient = {
  readonly [Id in OperationId]: 304 extends SuccessStatus<Id> ? ConditionalMethod<Id> : PlainMethod<Id>;
};
