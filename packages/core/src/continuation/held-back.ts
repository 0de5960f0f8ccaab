import type { MessageChunk } from '../contract/chunk.ts'

type Batch = readonly MessageChunk[]

/** What has come of an attempt and is not shown yet. Nothing is before something of it is visible. */
export class HeldBack {
  readonly #textMs: number
  readonly #toolCallMs: number
  #chunks: MessageChunk[] = []
  #showing = false
  /** When text and tool calls may be shown, once there are some. */
  #textAt: number | undefined
  #toolCallAt: number | undefined
  /** Where the first tool call is among the chunks, and whether text is before it. */
  #toolCall = -1
  #textFirst = false

  /** In milliseconds; zero for what is shown at once. */
  constructor(textMs: number, toolCallMs: number) {
    this.#textMs = textMs
    this.#toolCallMs = toolCallMs
  }

  add(batch: Batch, now: number): void {
    for (const chunk of batch) {
      if (chunk.type === 'text-delta' && chunk.text !== '') {
        this.#textAt ??= now + this.#textMs
        this.#textFirst ||= this.#toolCallAt === undefined
      } else if (chunk.type === 'tool-call-start' && this.#toolCallAt === undefined) {
        this.#toolCallAt = now + this.#toolCallMs
        this.#toolCall = this.#chunks.length
      }
      this.#chunks.push(chunk)
    }
  }

  /** Something that a consumer could see has come. */
  get isVisible(): boolean {
    return this.#textAt !== undefined || this.#toolCallAt !== undefined
  }

  /** Nothing is held, nor will be. */
  get isOver(): boolean {
    const text = this.#textMs === 0 || this.#textAt !== undefined
    const toolCalls = this.#toolCallMs === 0 || this.#toolCallAt !== undefined
    return this.#showing && this.#chunks.length === 0 && text && toolCalls
  }

  /** A tool call is shown later, and none is yet. */
  get hidesToolCalls(): boolean {
    return this.#toolCallMs > 0 && (this.#toolCallAt === undefined || this.#toolCall >= 0)
  }

  /** Nothing is held, and nothing of these is to be. */
  passes(batch: Batch): boolean {
    return this.#showing && this.#chunks.length === 0 && this.#textAt !== undefined && !batch.some(isToolCall)
  }

  /** When more of it may be shown; `undefined` where no time brings that. */
  get dueAt(): number | undefined {
    if (this.#chunks.length === 0 || !this.isVisible) return undefined
    return this.#toolCall > 0 && !this.#showing && this.#textFirst ? this.#textAt : this.#allAt
  }

  /** Takes out what may be shown now; empty where nothing may. */
  due(now: number): Batch {
    if (!this.#showing && !this.isVisible) return []
    if (now >= this.#allAt) return this.#shown(this.rest())
    const head = this.#showing || (this.#textFirst && now >= (this.#textAt as number))
    if (!head || this.#toolCall <= 0) return []
    const before = this.#chunks.splice(0, this.#toolCall)
    this.#toolCall = 0
    return this.#shown(before)
  }

  /** Takes out everything, as at the answer's end. */
  rest(): Batch {
    const rest = this.#chunks
    this.#chunks = []
    this.#toolCall = -1
    return rest
  }

  get #allAt(): number {
    return Math.max(this.#textAt ?? Number.NEGATIVE_INFINITY, this.#toolCallAt ?? Number.NEGATIVE_INFINITY)
  }

  #shown(chunks: Batch): Batch {
    this.#showing = true
    return chunks
  }
}

function isToolCall({ type }: MessageChunk): boolean {
  return type === 'tool-call-start'
}
