// kafkajs decodes only gzip. A batch compressed otherwise, as any producer may choose, would end every consumer of its partition with a fatal error,
// again after each restart. https://kafka.js.org/docs/producing#compression-types

import kafkajs from 'kafkajs';

type Name = 'snappy' | 'lz4' | 'zstd';

const notUsed = (): Promise<never> => Promise.reject(new Error('this service does not compress'));

/** The decoders are those of the other client, loaded with the first such batch. */
const decoderOf = (name: Name) => () => ({
  compress: notUsed,
  decompress: async (bytes: Buffer): Promise<Buffer> => {
    const { compressionsAlgorithms } = await import('@platformatic/kafka');
    // eslint-disable-next-line security/detect-object-injection -- the type has three names
    return compressionsAlgorithms[name].decompressSync(bytes);
  },
});

/** Call before a consumer is made. */
export const addDecoders = (): void => {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  Object.assign(CompressionCodecs, {
    [CompressionTypes.Snappy]: decoderOf('snappy'),
    [CompressionTypes.LZ4]: decoderOf('lz4'),
    [CompressionTypes.ZSTD]: decoderOf('zstd'),
  });
};
