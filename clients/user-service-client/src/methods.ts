// The shape of the client, made from the generated types: one method per operation of the document.

import type { operations } from './generated/api-types.ts';
import type { OPERATIONS } from './generated/operations.ts';

type Rows = typeof OPERATIONS;
export type OperationId = keyof Rows;

type Part<Id extends OperationId, Place extends 'path' | 'query' | 'header'> = NonNullable<
  operations[Id]['parameters'][Place]
>;
type OrNothing<T> = [T] extends [never] ? unknown : T;
type IsOptional<T> = object extends T ? true : false;

/** Of the path and the query, in one object. */
type Parameters<Id extends OperationId> = OrNothing<Part<Id, 'path'>> & OrNothing<Part<Id, 'query'>>;

type JsonOf<T> = T extends { content: { 'application/json': infer Json } } ? Json : undefined;
type Body<Id extends OperationId> = operations[Id] extends { requestBody: infer Body } ? JsonOf<Body> : never;

/** `Idempotency-Key` is given as `idempotencyKey`, and so on; required where the document says so. */
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

/** `signal` ends a call early; it then fails with the signal's reason. */
export type CallOptions<Id extends OperationId> = HeaderOptions<Id> & { readonly signal?: AbortSignal };

type Served<Id extends OperationId> = Extract<
  keyof operations[Id]['responses'],
  Rows[Id]['withBody'][number] | Rows[Id]['withoutBody'][number]
>;

/** Names in lower case: `headers.etag`, `headers.location`. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

export type Answer<Id extends OperationId, Status extends Served<Id> = Served<Id>> = {
  [S in Status]: {
    readonly status: S;
    readonly body: JsonOf<operations[Id]['responses'][S]>;
    readonly headers: AnswerHeaders;
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

type Plain<Id extends OperationId> = (...args: Arguments<Id, CallOptions<Id>>) => Promise<Answer<Id>>;

/** 304 is only answered to a caller who sent `ifNoneMatch`: others need not look at the status. */
type Conditional<Id extends OperationId> = {
  (...args: Arguments<Id, Omit<CallOptions<Id>, 'ifNoneMatch'>>): Promise<Answer<Id, Exclude<Served<Id>, 304>>>;
  (...args: Arguments<Id, CallOptions<Id> & { readonly ifNoneMatch: string }>): Promise<Answer<Id>>;
};

export type UserServiceClient = {
  readonly [Id in OperationId]: 304 extends Served<Id> ? Conditional<Id> : Plain<Id>;
};
