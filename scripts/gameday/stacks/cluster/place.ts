// Where the system of a game day is in the cluster. Everything is in one namespace, which has a label of its own.

import { join } from 'node:path';

import { kubectl } from '../../../kubernetes/run.ts';
import { OWN_NAME } from '../only-one.ts';
import { ROOT } from '../stack.ts';

export const NAMESPACE = OWN_NAME;
export const RELEASE = 'users';
export const DEPENDENCIES = 'demo-dependencies';
export const DATABASE = 'user_service';
export const CHART = join(ROOT, 'helm/user-service');

/** Only a namespace with this label is ever replaced or removed. */
export const OWNER = {
  label: 'app.kubernetes.io/managed-by=user-service-gameday',
  wayOn: 'rename or remove it, if nobody needs it',
};

/** kubectl in the namespace. @returns what it prints */
export const inNamespace = (args: readonly string[], input?: string): Promise<string> =>
  kubectl(['--namespace', NAMESPACE, ...args], { input });

/** The text of one key of a Secret. */
export const readKey = async (secret: string, key: string): Promise<string> => {
  const template = `go-template={{index .data ${JSON.stringify(key)} | base64decode}}`;
  return inNamespace(['get', 'secret', secret, '--output', template]);
};
