// The settings of a run: only the URLs of the services.

import { env } from 'node:process';

export type Settings = {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** URL of the notification service; undefined skips the checks of sent notifications. */
  readonly notificationsUrl: string | undefined;
};

const toUrl = (name: string, value: string): string => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(`${name} must be an http(s) URL.`);
  return url.href.replace(/\/$/, '');
};

/** An empty variable counts as unset. @throws Error for an invalid URL */
export const readSettings = (): Settings => {
  const { E2E_BASE_URL: base = '', E2E_NOTIFICATIONS_URL: notifications = '' } = env;
  return {
    baseUrl: toUrl('E2E_BASE_URL', base === '' ? 'http://127.0.0.1:8080' : base),
    notificationsUrl: notifications === '' ? undefined : toUrl('E2E_NOTIFICATIONS_URL', notifications),
  };
};
