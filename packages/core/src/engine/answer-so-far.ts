import { ResponseAccumulator } from '../contract/accumulator.ts'
import type { MessageChunk, StartChunk, Warning } from '../contract/chunk.ts'
import type { AttemptRecord } from '../contract/errors.ts'
import type { MessageResponse, PartialResponse } from '../contract/response.ts'

type Batch = readonly MessageChunk[]

/** What has come of an answer, kept as it came and put together only when somebody asks. */
export class AnswerSoFar {
  readonly #batches: Batch[] = []
  readonly #failed: readonly AttemptRecord[]
  readonly #warning: Warning | undefined

  /** `failed` before it, and a warning: what its start is to tell. */
  constructor(failed: readonly AttemptRecord[] = [], warning?: Warning) {
    this.#failed = failed
    this.#warning = warning
  }

  add(batch: Batch): void {
    this.#batches.push(batch)
  }

  get batches(): readonly Batch[] {
    return this.#batches
  }

  /** Its id. */
  firstToolCall(): string | undefined {
    for (const batch of this.#batches) {
      for (const chunk of batch) if (chunk.type === 'tool-call-start') return chunk.callId
    }
    return undefined
  }

  /** @throws when it is not finished. */
  whole(): MessageResponse {
    return this.#addTo(new ResponseAccumulator()).response()
  }

  /** Never throws: of a stream that broke the grammar it is what came before that. */
  partial(): PartialResponse {
    const accumulator = new ResponseAccumulator()
    try {
      this.#addTo(accumulator)
    } catch {
      // why the answer broke is told elsewhere
    }
    return accumulator.partial()
  }

  #addTo(accumulator: ResponseAccumulator): ResponseAccumulator {
    for (const batch of this.#batches) {
      for (const chunk of batch) accumulator.add(chunk.type === 'start' ? this.told(chunk) : chunk)
    }
    return accumulator
  }

  /** What an answer begins with, with what came before it. */
  told<Beginning extends Pick<StartChunk, 'failedAttempts' | 'warnings'>>(start: Beginning): Beginning {
    if (this.#failed.length === 0 && this.#warning === undefined) return start
    return {
      ...start,
      ...(this.#failed.length > 0 && { failedAttempts: [...this.#failed, ...(start.failedAttempts ?? [])] }),
      ...(this.#warning !== undefined && { warnings: [this.#warning, ...(start.warnings ?? [])] }),
    }
  }
}
