// The headers of answers that callers may rely on, as the document tells of them.

type ResponseHeader = {
  readonly description: string;
  readonly example: string;
  /** False when an answer that promises the header may still do without it. */
  readonly always: boolean;
};

export const RESPONSE_HEADERS = {
  ETag: { description: 'The version of what was answered, for conditional requests.', example: '"1"', always: true },
  Location: {
    description: 'The path of what was made.',
    example: '/api/v1/users/0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13',
    always: true,
  },
  Link: {
    description: 'The next page (RFC 8288); absent on the last one.',
    example: '</api/v1/orders?limit=20&cursor=MTc2>; rel="next"',
    always: false,
  },
  'WWW-Authenticate': {
    description: 'Which token is needed, and what was wrong with this one (RFC 6750).',
    example: 'Bearer realm="user-service", error="invalid_token"',
    always: true,
  },
  'Retry-After': { description: 'Seconds to wait before the next try.', example: '1', always: true },
  RateLimit: {
    description:
      'What is left of each limit that counted this request (draft-ietf-httpapi-ratelimit-headers); absent when it failed before that.',
    example: '"general";r=99',
    always: false,
  },
  'RateLimit-Policy': {
    description:
      'The limits that counted this request: `q` requests in `w` seconds; absent when it failed before that.',
    example: '"general";q=100;w=2',
    always: false,
  },
} as const satisfies Record<string, ResponseHeader>;

export type ResponseHeaderName = keyof typeof RESPONSE_HEADERS;
