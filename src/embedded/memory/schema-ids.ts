import type { Type } from 'avsc';

import { MessagingError } from '../../messaging/messaging-error.ts';

/** The part of `EventSchemas` in avro/schemas.ts that is needed here. */
type Schemas = { readonly byType: ReadonlyMap<string, { readonly newest: Type }> };

/** Schema ids of one process, from 1. Writer and reader are the same release, so no registry is needed. */
export const makeMemorySchemaIds = ({ byType }: Schemas) => {
  const schemas = [...byType.values()].map(({ newest }) => newest);
  const ids = new Map([...byType.keys()].map((type, index) => [type, index + 1]));
  return {
    /** @throws MessagingError EVENT_UNENCODABLE */
    idOf: (type: string): Promise<number> => {
      const id = ids.get(type);
      return id === undefined
        ? Promise.reject(new MessagingError('EVENT_UNENCODABLE', 'There is no schema for this type of event.'))
        : Promise.resolve(id);
    },
    /** @throws MessagingError MESSAGE_UNREADABLE */
    schemaOf: (id: number): Promise<Type> => {
      const schema = schemas[id - 1];
      return schema === undefined
        ? Promise.reject(new MessagingError('MESSAGE_UNREADABLE', 'No schema has the id of the message.'))
        : Promise.resolve(schema);
    },
  };
};
