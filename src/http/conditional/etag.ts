/** A strong entity tag (RFC 9110 section 8.8.3): the version between quotes. */
export const toEtag = (version: number): string => `"${version}"`;
