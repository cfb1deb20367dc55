const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;
const LABEL = /^[A-Za-z0-9-]{1,63}$/;

const isLocal = (local: string): boolean => local.length <= 64 && local.split('.').every((atom) => ATOM.test(atom));

const isHost = (host: string): boolean => {
  const labels = host.split('.');
  return (
    labels.length > 1 && labels.every((label) => LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-'))
  );
};

/**
 * An address that mail can be sent to: a dot-atom of at most 64 characters (RFC 5322 section 3.2.3, RFC 5321 section 4.5.3.1), one `@`, a
 * host name of two labels or more (RFC 1123), 255 characters in all. Quoted local parts and address literals are rejected: they are
 * practically unused.
 */
export const isEmail = (text: string): boolean => {
  const [local = '', host = '', ...rest] = text.split('@');
  return rest.length === 0 && text.length <= 255 && isLocal(local) && isHost(host);
};
