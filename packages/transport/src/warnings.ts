import type { ChunkSource, MessageChunk, MessageResponse, Warning } from '@switchyard/core/contract'

export function withWarnings(response: MessageResponse, warnings: readonly Warning[]): MessageResponse {
  return warnings.length === 0 ? response : { ...response, warnings: [...(response.warnings ?? []), ...warnings] }
}

/** The same chunks, the warnings in the first. */
export function streamWithWarnings(source: ChunkSource, warnings: readonly Warning[]): ChunkSource {
  let told = false
  return {
    read: () => (told ? source.read() : first()),
    cancel: reason => source.cancel(reason),
  }

  async function first(): Promise<readonly MessageChunk[] | undefined> {
    const batch = await source.read()
    told = true
    const start = batch?.[0]
    if (batch === undefined || start?.type !== 'start') return batch
    return [{ ...start, warnings: [...(start.warnings ?? []), ...warnings] }, ...batch.slice(1)]
  }
}
