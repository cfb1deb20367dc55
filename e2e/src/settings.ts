// What a run is told: where the service is, and nothing else about it.

import { env } from 'node:process';

export type Settings = {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Of the notification service; undefined: nobody tells what was sent. */
  readonly notificationsUrl: string | undefined;
};

const toUrl = (name: string, value: string): string => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(`${name} must be an http(s) URL.`);
  return url.href.replace(/\/$/, '');
};

/** An empty variable counts as not given. @throws Error for an address that is none */
export const readSettings = (): Settings => {
  const { E2E_BASE_URL: base = '', E2E_NOTIFICATIONS_URL: notifications = '' } = env;
  return {
    baseUrl: toUrl('E2E_BASE_URL', base === '' ? 'http://127.0.0.1:8080' : base),
    notificationsUrl: notifications === '' ? undefined : toUrl('E2E_NOTIFICATIONS_URL', notifications),
  };
};
