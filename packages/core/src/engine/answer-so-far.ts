import { ResponseAccumulator } from '../contract/accumulator.ts'
import type { MessageChunk, StartChunk } from '../contract/chunk.ts'
import type { AttemptRecord } from '../contract/errors.ts'
import type { MessageResponse, PartialResponse } from '../contract/response.ts'

type Batch = readonly MessageChunk[]

/** What an attempt has brought, kept as it came and put together only when somebody asks. */
export class AnswerSoFar {
  readonly #batches: Batch[] = []
  readonly #failed: readonly AttemptRecord[]

  /** `failed`: what failed before it, which its start is to tell. */
  constructor(failed: readonly AttemptRecord[]) {
    this.#failed = failed
  }

  add(batch: Batch): void {
    this.#batches.push(batch)
  }

  /** All of it as one batch. */
  opening(): Batch {
    return this.#batches.flat().map(chunk => (chunk.type === 'start' ? this.#told(chunk) : chunk))
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
      for (const chunk of batch) accumulator.add(chunk.type === 'start' ? this.#told(chunk) : chunk)
    }
    return accumulator
  }

  #told(start: StartChunk): StartChunk {
    if (this.#failed.length === 0) return start
    return { ...start, failedAttempts: [...this.#failed, ...(start.failedAttempts ?? [])] }
  }
}
