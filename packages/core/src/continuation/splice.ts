import type { MessageChunk, StartChunk, TargetChunk } from '../contract/chunk.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { Usage } from '../contract/usage.ts'
import type { Prefill } from './prefill.ts'
import type { ShownAnswer } from './shown-answer.ts'

type Batch = readonly MessageChunk[]

/** The code of errors for answers that do not go on where another broke. */
export const otherWords = 'other-words'

export interface SpliceOptions {
  /** `provider/model` that goes on. */
  readonly target: string
  /** Why it has to, for the answer's consumer. */
  readonly reason: string
  /** Of an attempt that was asked to go on; it may as well begin anew. */
  readonly prefill?: Prefill
}

/**
 * Joins an attempt to an answer that broke: nothing passes until it has said again what was shown, word for word; what
 * comes after goes on in the same blocks.
 */
export class Splice {
  readonly #shown: ShownAnswer
  readonly #options: SpliceOptions
  /** What must come yet, in each way that is still possible: as it was asked to go on, or from the beginning. */
  #expected: readonly string[]
  #matched = 0
  #model: string
  #joined = false
  #began = false
  #nextId: number
  /** Ids of the blocks that are shown, by the attempt's own. */
  readonly #ids = new Map<number, number>()

  constructor(shown: ShownAnswer, options: SpliceOptions) {
    this.#shown = shown
    this.#options = options
    const { prefill } = options
    this.#expected = prefill === undefined ? [shown.text] : [prefill.overlap, shown.text]
    this.#model = options.target
    this.#nextId = shown.nextId
  }

  /** What is new in it, as the consumer is to get it. @throws {SwitchyardError} `unsupported`, where it is of no use. */
  take(batch: Batch): Batch {
    const news: MessageChunk[] = []
    for (const chunk of batch) {
      if (chunk.type === 'finish' && chunk.reason === 'length' && this.#isShortened) throw this.#cutShort()
      if (this.#joined) this.#pass(chunk, news)
      else this.#match(chunk, news)
    }
    return news
  }

  /** It went on as it was asked to, rather than from the beginning. */
  get isPrefilled(): boolean {
    return this.#expected[0] === this.#options.prefill?.overlap
  }

  /** It began anew, with only those tokens that were left for the rest. */
  get #isShortened(): boolean {
    return this.#options.prefill?.request.maxOutputTokens !== undefined && !this.isPrefilled
  }

  /** Of the whole answer, by that of the attempt; what others said of it is estimated. */
  usage(usage: Usage): Usage {
    const { prefill } = this.#options
    if (prefill === undefined || !this.isPrefilled) return usage
    return { ...usage, output: { ...usage.output, text: usage.output.text + prefill.tokens } }
  }

  #match(chunk: MessageChunk, news: MessageChunk[]): void {
    switch (chunk.type) {
      case 'start':
      case 'target':
        this.#tellsModel(chunk)
        return
      case 'text-start':
        if ((chunk.choice ?? 0) > 0) throw this.#differs()
        return
      case 'text-delta':
        this.#compare(chunk, news)
        return
      case 'tool-call-start':
      case 'opaque-start':
      case 'finish':
        throw this.#differs()
    }
  }

  #compare(chunk: Extract<MessageChunk, { type: 'text-delta' }>, news: MessageChunk[]): void {
    const { text } = chunk
    const from = this.#matched
    const fitting = this.#expected.filter(expected => agrees(expected, from, text))
    if (fitting.length === 0) throw this.#differs(text)
    this.#expected = fitting
    this.#matched = from + text.length
    const said = fitting.find(expected => expected.length <= this.#matched)
    if (said === undefined) return
    this.#joined = true
    const { openText } = this.#shown
    if (openText !== undefined) this.#ids.set(chunk.id, openText)
    const rest = text.slice(said.length - from)
    if (rest !== '') this.#pass({ ...chunk, text: rest }, news)
  }

  /** Something new: the block ids are the answer's, and what was left open is ended. */
  #pass(chunk: MessageChunk, news: MessageChunk[]): void {
    if (chunk.type === 'ping') {
      news.push(chunk)
      return
    }
    if (chunk.type === 'target') {
      this.#tellsModel(chunk)
      if (this.#began) news.push(chunk)
      return
    }
    if (chunk.type === 'start' || chunk.type === 'finish') {
      this.#begin(news)
      news.push(chunk)
      return
    }
    const { id } = chunk
    if (isStart(chunk.type)) this.#ids.set(id, this.#nextId++)
    const known = this.#ids.get(id)
    if (known !== undefined) {
      this.#begin(news)
      news.push({ ...chunk, id: known })
    } else if (chunk.type === 'text-delta' && chunk.text !== '') {
      // of a block that began before there was anything new; one that holds no new text is left out
      const fresh = this.#nextId++
      this.#ids.set(id, fresh)
      this.#begin(news)
      news.push({ type: 'text-start', id: fresh }, { ...chunk, id: fresh })
    }
  }

  #begin(news: MessageChunk[]): void {
    if (this.#began) return
    this.#began = true
    const { model, cut } = this.#shown
    if (this.#model !== model) news.push({ type: 'target', model: this.#model, reason: this.#options.reason })
    for (const { id, type } of cut) news.push({ type: `${type}-end`, id, complete: false })
  }

  #tellsModel({ model }: StartChunk | TargetChunk): void {
    this.#model = model
  }

  #cutShort(): SwitchyardError {
    const message = `${this.#options.target} began anew with the output tokens that were left for the rest, and ran out of them.`
    return new SwitchyardError('unsupported', message)
  }

  #differs(said = ''): SwitchyardError {
    const [expected = ''] = this.#expected
    let at = this.#matched
    for (const letter of said) {
      if (!expected.startsWith(letter, at)) break
      at += letter.length
    }
    const where = `after ${count(at)} of the ${count(expected.length)} characters that it had to say again`
    return new SwitchyardError('unsupported', `${this.#options.target} answered other words ${where}.`, {
      code: otherWords,
    })
  }
}

/** A number of characters, for people. */
export function count(characters: number): string {
  return characters.toLocaleString('en')
}

function isStart(type: MessageChunk['type']): boolean {
  return type === 'text-start' || type === 'reasoning-start' || type === 'tool-call-start' || type === 'opaque-start'
}

/** Whether `text` is what `expected` has from there on, as far as both go. */
function agrees(expected: string, from: number, text: string): boolean {
  const length = Math.min(text.length, expected.length - from)
  return expected.startsWith(text.slice(0, length), from)
}
