// The parts of an OpenAPI document that clients depend on.

export type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly [keyword: string]: unknown;
};

export type Header = { readonly $ref?: string; readonly required?: boolean; readonly schema?: Schema };
export type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
export type Response = { readonly headers?: Readonly<Record<string, Header>>; readonly content?: Content };
export type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
};
export type Operation = {
  readonly operationId?: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
};
export type ApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/** Follows `$ref` inside one document to the object that it names. */
export const makeResolve =
  (document: ApiDocument) =>
  <T extends { readonly $ref?: string }>(part: T): T => {
    let found: unknown = part;
    for (let steps = 0; steps < 10; steps += 1) {
      const { $ref } = found as T;
      if ($ref === undefined) return found as T;
      found = $ref
        .split('/')
        .slice(1)
        .reduce<unknown>((place, name) => new Map(Object.entries(place as object)).get(name) as unknown, document);
      if (typeof found !== 'object' || found === null) throw new Error(`${$ref} does not resolve`);
    }
    throw new Error('circular $ref');
  };

export type Resolve = ReturnType<typeof makeResolve>;
