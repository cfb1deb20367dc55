// Written by `npm run generate` from api-specs/user-service-api.yaml: not to be edited.

export const OPERATIONS = {
  "readKeys": {
    "method": "GET",
    "path": "/.well-known/jwks.json",
    "query": [],
    "takesParameters": false,
    "takesBody": false,
    "headers": {},
    "needsToken": false,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "explainProblem": {
    "method": "GET",
    "path": "/problems/{slug}",
    "query": [],
    "takesParameters": true,
    "takesBody": false,
    "headers": {},
    "needsToken": false,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "readApiDocument": {
    "method": "GET",
    "path": "/openapi.json",
    "query": [],
    "takesParameters": false,
    "takesBody": false,
    "headers": {},
    "needsToken": false,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "registerUser": {
    "method": "POST",
    "path": "/api/v1/users",
    "query": [],
    "takesParameters": false,
    "takesBody": true,
    "headers": {
      "idempotencyKey": "Idempotency-Key"
    },
    "needsToken": false,
    "withBody": [
      201
    ],
    "withoutBody": []
  },
  "listUsers": {
    "method": "GET",
    "path": "/api/v1/users",
    "query": [
      "limit",
      "cursor"
    ],
    "takesParameters": true,
    "takesBody": false,
    "headers": {},
    "needsToken": true,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "readUser": {
    "method": "GET",
    "path": "/api/v1/users/{id}",
    "query": [],
    "takesParameters": true,
    "takesBody": false,
    "headers": {
      "ifNoneMatch": "If-None-Match"
    },
    "needsToken": true,
    "withBody": [
      200
    ],
    "withoutBody": [
      304
    ]
  },
  "changeProfile": {
    "method": "PATCH",
    "path": "/api/v1/users/{id}",
    "query": [],
    "takesParameters": true,
    "takesBody": true,
    "headers": {
      "ifMatch": "If-Match"
    },
    "needsToken": true,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "eraseUser": {
    "method": "DELETE",
    "path": "/api/v1/users/{id}",
    "query": [],
    "takesParameters": true,
    "takesBody": false,
    "headers": {},
    "needsToken": true,
    "withBody": [],
    "withoutBody": [
      204
    ]
  },
  "changePassword": {
    "method": "PUT",
    "path": "/api/v1/users/{id}/password",
    "query": [],
    "takesParameters": true,
    "takesBody": true,
    "headers": {},
    "needsToken": true,
    "withBody": [],
    "withoutBody": [
      204
    ]
  },
  "placeOrder": {
    "method": "POST",
    "path": "/api/v1/orders",
    "query": [],
    "takesParameters": false,
    "takesBody": true,
    "headers": {
      "idempotencyKey": "Idempotency-Key"
    },
    "needsToken": true,
    "withBody": [
      202
    ],
    "withoutBody": []
  },
  "listOrders": {
    "method": "GET",
    "path": "/api/v1/orders",
    "query": [
      "limit",
      "cursor"
    ],
    "takesParameters": true,
    "takesBody": false,
    "headers": {},
    "needsToken": true,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "readOrder": {
    "method": "GET",
    "path": "/api/v1/orders/{id}",
    "query": [],
    "takesParameters": true,
    "takesBody": false,
    "headers": {
      "ifNoneMatch": "If-None-Match"
    },
    "needsToken": true,
    "withBody": [
      200
    ],
    "withoutBody": [
      304
    ]
  },
  "logIn": {
    "method": "POST",
    "path": "/api/v1/auth/login",
    "query": [],
    "takesParameters": false,
    "takesBody": true,
    "headers": {},
    "needsToken": false,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "refreshSession": {
    "method": "POST",
    "path": "/api/v1/auth/refresh",
    "query": [],
    "takesParameters": false,
    "takesBody": true,
    "headers": {},
    "needsToken": false,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "reauthenticate": {
    "method": "POST",
    "path": "/api/v1/auth/reauthenticate",
    "query": [],
    "takesParameters": false,
    "takesBody": true,
    "headers": {},
    "needsToken": true,
    "withBody": [
      200
    ],
    "withoutBody": []
  },
  "logOut": {
    "method": "POST",
    "path": "/api/v1/auth/logout",
    "query": [],
    "takesParameters": false,
    "takesBody": false,
    "headers": {},
    "needsToken": true,
    "withBody": [],
    "withoutBody": [
      204
    ]
  },
  "issueClientToken": {
    "method": "POST",
    "path": "/api/v1/auth/token",
    "query": [],
    "takesParameters": false,
    "takesBody": true,
    "headers": {},
    "needsToken": false,
    "withBody": [
      200
    ],
    "withoutBody": []
  }
} as const;
