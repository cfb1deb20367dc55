import type { OrderConfirmed, OrderRejected, UserRegistered } from './events.ts';

export type AnnouncedEvent = UserRegistered | OrderConfirmed | OrderRejected;
/**
 * Only the address. Anyone can register the address of somebody else, and then the name is a text that a stranger chose ("your parcel waits: http://…")
 * in an e-mail that we send. user-service does not confirm addresses, so no e-mail contains the name, or any other free text.
 */
export type Recipient = { readonly email: string };
export type Email = { readonly to: string; readonly subject: string; readonly text: string };

const price = ({ amountMinor, currency }: OrderConfirmed): string => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
};

const contentOf = (event: AnnouncedEvent): { subject: string; sentence: string } => {
  switch (event.type) {
    case 'UserRegistered':
      return { subject: 'Welcome', sentence: 'your account is ready.' };
    case 'OrderConfirmed':
      return {
        subject: 'Your order is confirmed',
        sentence: `your order ${event.orderId} for ${price(event)} is confirmed.`,
      };
    case 'OrderRejected':
      return {
        subject: 'Your order was declined',
        sentence: `your order ${event.orderId} was declined. Nothing was charged.`,
      };
  }
};

/** The e-mail that announces the event to its recipient. */
export const composeEmail = (event: AnnouncedEvent, { email }: Recipient): Email => {
  const { subject, sentence } = contentOf(event);
  return { to: email, subject, text: `Hello,\n\n${sentence}\n` };
};
