import type { Clock, Timer } from '../clock/clock.ts'
import { HeldBack } from '../continuation/held-back.ts'
import type { HoldBackOptions } from '../continuation/hold-back-options.ts'
import type { Splice } from '../continuation/splice.ts'
import type { MessageChunk } from '../contract/chunk.ts'
import type { Answer } from './answer.ts'
import type { MessageAttempt } from './message-attempt.ts'

type Batch = readonly MessageChunk[]

export interface OutputOptions {
  /** What the caller gets; several attempts may want to give it. */
  readonly answer: Answer
  /** Where absent, nothing is held back. */
  readonly holdBack: HoldBackOptions | undefined
  /** Of an attempt that goes on with an answer that broke. */
  readonly splice: Splice | undefined
}

const defaultToolCallMs = 2_000

/** What the consumer gets of one attempt, and when. */
export class AttemptOutput {
  readonly #attempt: MessageAttempt
  readonly #options: OutputOptions
  readonly #clock: Clock
  /** Until nothing is held any more. */
  #held: HeldBack | undefined
  #timer: Timer | undefined
  #committed = false

  constructor(clock: Clock, attempt: MessageAttempt, options: OutputOptions) {
    const { holdBack } = options
    this.#attempt = attempt
    this.#options = options
    this.#clock = clock
    this.#held = new HeldBack(
      holdBack?.textMs ?? 0,
      holdBack === undefined ? 0 : (holdBack.toolCallMs ?? defaultToolCallMs),
    )
  }

  /** Something has come. `false`: the consumer waits for more of it. */
  take(batch: Batch): boolean {
    const { answer, splice } = this.#options
    const news = splice === undefined ? batch : splice.take(batch)
    const held = this.#held
    if (held === undefined || held.passes(news)) {
      if (news.length > 0) answer.give(news)
      return news.length > 0
    }
    held.add(news, this.#now())
    if (!this.#committed && held.isVisible && !this.#attempt.claim()) return true
    return this.#release(held)
  }

  /** What is left to show at the end. @throws where it is not the end of the answer that broke. */
  ending(batch: Batch): Batch {
    const { splice } = this.#options
    const news = splice === undefined ? batch : splice.take(batch)
    return this.#held === undefined ? news : [...this.#held.rest(), ...news]
  }

  /** Tool calls are held back, and nobody has seen one. */
  get hidesToolCalls(): boolean {
    return this.#held?.hidesToolCalls === true
  }

  show(batch: Batch): void {
    if (this.#committed) {
      this.#options.answer.give(batch)
      return
    }
    this.#committed = true
    const told = batch.map(chunk => (chunk.type === 'start' ? this.#attempt.told(chunk) : chunk))
    this.#options.answer.open(this.#attempt, told, this.#options.splice)
    this.#attempt.committed()
  }

  /** Nothing more is shown by itself. */
  stop(): void {
    this.#timer?.cancel()
  }

  #release(held: HeldBack): boolean {
    const due = held.due(this.#now())
    if (due.length > 0) this.show(due)
    if (held.isOver) this.#held = undefined
    const { dueAt } = held
    if (dueAt === undefined) return due.length > 0
    if (this.#committed) this.#options.answer.stayAwake()
    this.#timer ??= this.#clock.timer(dueAt - this.#clock.monotonic(), () => {
      this.#timer = undefined
      this.#release(held)
    })
    return false
  }

  #now(): number {
    return this.#options.holdBack === undefined ? 0 : this.#clock.monotonic()
  }
}
