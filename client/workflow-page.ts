import type { TemporalConfig } from './temporal-config.ts';

/** Page of a workflow in the Temporal UI; `null` where the UI is not known. */
export function workflowPage(temporal: TemporalConfig, workflowId: string): string | null {
  if (temporal.uiUrl === null) return null;
  const base = temporal.uiUrl.replace(/\/+$/, '');
  return `${base}/namespaces/${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
