// Operations that will be removed, and when: the one table behind the headers `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), and
// behind `deprecated` in the OpenAPI document. An operation is removed only with a new version of its path: see `npm run openapi:check`.

export type Deprecation = {
  /** Since when, or from when on, it is deprecated. ISO 8601, in UTC. */
  readonly deprecatedAt: string;
  /** When it stops responding: not before `deprecatedAt` (RFC 9745 section 5). Absent while not decided. */
  readonly sunsetAt?: string;
  /** Documentation of the replacement. */
  readonly link: string;
};

/** By operationId. */
export type Deprecations = Readonly<Record<string, Deprecation>>;

export const DEPRECATIONS: Deprecations = {};

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const faultsOf = (operationId: string, { deprecatedAt, sunsetAt }: Deprecation): string[] => [
  ...[deprecatedAt, sunsetAt]
    .filter((date) => date !== undefined && (!DATE.test(date) || Number.isNaN(Date.parse(date))))
    .map((date) => `${operationId}: ${String(date)} is not a time like 2026-01-31T12:00:00Z`),
  ...(sunsetAt !== undefined && Date.parse(sunsetAt) < Date.parse(deprecatedAt)
    ? [`${operationId}: its sunset is before its deprecation`]
    : []),
];

/** Faults of invalid entries; an operation must be one of `operationIds`. */
export const findDeprecationFaults = (deprecations: Deprecations, operationIds: ReadonlySet<string>): string[] =>
  Object.entries(deprecations).flatMap(([operationId, deprecation]) => [
    ...(operationIds.has(operationId) ? [] : [`${operationId}: there is no such operation`]),
    ...faultsOf(operationId, deprecation),
  ]);

/** The headers of every response of a deprecated operation. RFC 9745 requires a structured-field date, RFC 8594 an HTTP date. */
export const deprecationHeaders = ({ deprecatedAt, sunsetAt, link }: Deprecation) => ({
  Deprecation: `@${Date.parse(deprecatedAt) / 1000}`,
  ...(sunsetAt === undefined ? {} : { Sunset: new Date(sunsetAt).toUTCString() }),
  Link: `<${link}>; rel="deprecation"`,
});
