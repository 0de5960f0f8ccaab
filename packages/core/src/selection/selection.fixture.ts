import type { MessageRequest } from '../contract/request.ts'
import type { PerformanceView } from '../performance/performance-view.ts'
import type { SelectableTarget, SelectionRequest } from './selection-policy.ts'

export function selectable(key: string, weight = 1): SelectableTarget {
  return { key, weight, models: [key] }
}

const request: MessageRequest = { messages: [{ role: 'user', content: 'Hello?' }] }

export const anything: SelectionRequest = { at: 0, requestFor: () => request, estimate: () => undefined }

/** What was seen of a target; nothing where it says nothing. */
export interface Seen {
  readonly inFlight?: number
  readonly firstTokenMs?: number | undefined
  readonly successRate?: number | undefined
}

/** A view of what a test says, read at each look. */
export function seen(targets: Readonly<Record<string, Seen>>): PerformanceView {
  return {
    inFlight: target => targets[target]?.inFlight ?? 0,
    firstTokenMs: target => targets[target]?.firstTokenMs,
    successRate: target => targets[target]?.successRate,
    learnedLimits: () => undefined,
  }
}
