import type { Type } from 'avsc';

import { MessagingError } from '../errors/messaging-error.ts';

/** What is needed of kafka/event-schemas.ts. */
type Schemas = { readonly byType: ReadonlyMap<string, { readonly newest: Type }> };

/** Ids of one process: writer and reader are the same release, so there is nothing to ask a registry for. */
export const makeMemorySchemaIds = ({ byType }: Schemas) => {
  const types = [...byType.keys()];
  const schemas = [...byType.values()].map(({ newest }) => newest);
  return {
    idOf: (type: string): Promise<number> => Promise.resolve(types.indexOf(type) + 1),
    schemaOf: (id: number): Promise<Type> => {
      const schema = schemas.at(id - 1);
      return id < 1 || schema === undefined
        ? Promise.reject(new MessagingError('MESSAGE_UNREADABLE', 'No schema has the id of the message.'))
        : Promise.resolve(schema);
    },
  };
};
