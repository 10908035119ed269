import type { History } from '@temporalio/common/lib/proto-utils';

/** Size of each event's payloads in a history, with a name to find it by. */
export function payloadSizes(history: History): readonly { readonly event: string; readonly bytes: number }[] {
  return (history.events ?? []).map((event) => ({
    event:
      event.activityTaskScheduledEventAttributes?.activityType?.name ??
      `${event.eventId?.toString() ?? ''} of type ${event.eventType ?? ''}`,
    bytes: payloadBytes(event),
  }));
}

/** Payloads are the only byte arrays in an event that grow with what we send. */
function payloadBytes(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + payloadBytes(member), 0);
}
