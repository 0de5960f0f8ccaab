import type { MessageChunk } from '../contract/chunk.ts'
import { abortedError, type SwitchyardError } from '../contract/errors.ts'
import type { ChunkSource } from '../contract/stream.ts'
import { streamFailed } from './attempt-events.ts'
import { attemptRecords } from './attempt-record.ts'
import { Delivery } from './delivery.ts'
import type { MessageAttempt } from './message-attempt.ts'
import type { EnginePorts } from './ports.ts'

type Batch = readonly MessageChunk[]

/**
 * What the caller of one request gets, whichever of its attempts gives it: the one layer between an attempt and the
 * consumer.
 */
export class Answer implements ChunkSource {
  readonly #ports: EnginePorts
  readonly #released: () => void
  readonly #delivery: Delivery
  #giver: MessageAttempt | undefined

  /** `released` is called once it holds nothing any more. */
  constructor(ports: EnginePorts, released: () => void) {
    this.#ports = ports
    this.#released = released
    this.#delivery = new Delivery(() => this.#giver?.pull())
  }

  /** The first to have something to show gives the answer; `false` to every other. */
  claim(attempt: MessageAttempt): boolean {
    this.#giver ??= attempt
    return this.#giver === attempt
  }

  /** All that came until something was visible. */
  open(batch: Batch): void {
    this.#delivery.buffer(batch)
  }

  give(batch: Batch): void {
    this.#delivery.give(batch)
  }

  /** Nothing comes after what was given. */
  complete(): void {
    this.#delivery.complete()
  }

  /** The answer that was begun has broken. */
  broke(attempt: MessageAttempt, error: SwitchyardError, durationMs: number): void {
    const { call, target } = attempt.attempt
    const partial = error.partial ?? attempt.partial()
    const attempts = [...call.failed, ...attemptRecords(target, error, durationMs)]
    streamFailed(this.#ports, attempt.attempt, error, durationMs)
    this.#delivery.fail(error.with({ partial, attempts, billed: call.billed }))
    this.release()
  }

  /** It has ended, well or not. */
  release(): void {
    this.#released()
  }

  read(): Promise<Batch | undefined> {
    return this.#delivery.read()
  }

  cancel(reason?: unknown): void {
    this.#giver?.abandon(abortedError(reason))
  }
}
