/** Settings with which a busy machine fails no request: it answers late, which is not the fault that most tests look for. */
export const PATIENCE = {
  HTTP_MAX_EVENT_LOOP_DELAY_MS: '0',
  HTTP_REQUEST_TIMEOUT_MS: '20000',
  POSTGRES_CONNECT_TIMEOUT_MS: '10000',
  POSTGRES_STATEMENT_TIMEOUT_MS: '5000',
};
