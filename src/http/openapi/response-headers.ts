// Response headers that callers may rely on, as the OpenAPI document describes them.

type ResponseHeader = {
  readonly description: string;
  readonly example: string;
  /** False when a response that documents the header may omit it. */
  readonly always: boolean;
};

export const RESPONSE_HEADERS = {
  ETag: { description: 'Version of the representation, for conditional requests.', example: '"1"', always: true },
  Location: {
    description: 'URL of the created resource.',
    example: '/api/v1/users/0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13',
    always: true,
  },
  Link: {
    description: 'The next page (RFC 8288); absent on the last page.',
    example: '</api/v1/orders?limit=20&cursor=MTc2>; rel="next"',
    always: false,
  },
  'WWW-Authenticate': {
    description: 'Authentication challenge (RFC 6750).',
    example: 'Bearer realm="user-service", error="invalid_token"',
    always: true,
  },
  'Retry-After': { description: 'Seconds to wait before a retry.', example: '1', always: true },
  RateLimit: {
    description:
      'Remaining quota of each limit that counted this request (draft-ietf-httpapi-ratelimit-headers); absent if the request failed earlier.',
    example: '"general";r=99',
    always: false,
  },
  'RateLimit-Policy': {
    description:
      'The limits that counted this request: `q` requests in `w` seconds; absent if the request failed earlier.',
    example: '"general";q=100;w=2',
    always: false,
  },
} as const satisfies Record<string, ResponseHeader>;

export type ResponseHeaderName = keyof typeof RESPONSE_HEADERS;
