import type { EventHub, SwitchyardError } from '@switchyard/core'
import type { ModelChanges } from './model-changes.ts'

export interface SyncFailure {
  readonly provider: string
  readonly error: SwitchyardError
}

/** Tells what a sync found as events. */
export function announceSync(
  events: Pick<EventHub, 'emit'>,
  at: number,
  changes: Readonly<Record<string, ModelChanges>>,
  failed: readonly SyncFailure[],
): void {
  for (const [provider, { added, changed, deprecated, gone }] of Object.entries(changes)) {
    for (const { id: model, contextWindow, maxOutputTokens } of added) {
      const limits = {
        ...(contextWindow !== undefined && { contextWindow }),
        ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      }
      events.emit('model-new', { at, provider, model, ...limits })
    }
    for (const { id: model, changes: names } of changed) {
      events.emit('model-changed', { at, provider, model, changes: names })
    }
    for (const { id: model, retiresAt } of deprecated) {
      events.emit('model-deprecated', { at, provider, model, retiresAt })
    }
    for (const model of gone) events.emit('model-gone', { at, provider, model })
  }
  for (const { provider, error } of failed) {
    events.emit('model-sync-failed', { at, provider, kind: error.kind, message: error.message })
  }
}
