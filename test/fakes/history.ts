import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';

/** A workflow's history, as the server tells it. */
export type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

const { History: HistoryMessage } = proto.temporal.api.history.v1;

/**
 * A history as JSON text: enums by name, bytes in base64. It is protobufjs's own mapping; the SDK's `historyToJSON` needs one
 * shared copy of protobufjs under all Temporal packages, which npm does not give (each has its own 8.8.1).
 */
export function historyToJson(history: History): string {
  const plain = HistoryMessage.toObject(HistoryMessage.fromObject(history), {
    enums: String,
    longs: String,
    bytes: String,
  });
  return `${JSON.stringify(plain, null, 1)}\n`;
}

/** The history that `historyToJson` wrote. */
export function historyFromJson(text: string): History {
  return HistoryMessage.fromObject(JSON.parse(text) as Record<string, unknown>);
}

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
