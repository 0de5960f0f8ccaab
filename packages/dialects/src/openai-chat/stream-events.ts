import type { DialectExtra, FinishChunk, JsonObject, StartChunk, Usage } from '@switchyard/core/contract'
import { extraOf } from '../extra.ts'
import { joinFields } from '../join-fields.ts'
import type { JsonDraft } from '../json.ts'
import { answerFields, choiceFields, dialect, messageFields } from './names.ts'
import type { StreamEncoderOptions } from './stream-encoder.ts'
import { encodeUsage } from './usage.ts'

/** Writes the events of one answer: what each repeats, what only one says, whose role was told. */
export class StreamEvents {
  readonly #options: StreamEncoderOptions
  // what every event begins with, and what only the first one says
  #head = ''
  #once: JsonDraft = {}
  #start: StartChunk | undefined
  // the choices whose role was said
  readonly #begun = new Set<number>()
  readonly #headChanged: () => void
  /** What ends an event that holds nothing but one plain delta. */
  readonly tail: string

  /** `headChanged` is told when events begin otherwise than before. */
  constructor(options: StreamEncoderOptions, headChanged: () => void) {
    this.#options = options
    this.#headChanged = headChanged
    this.tail = `},"logprobs":null,"finish_reason":null}]${options.includeUsage ? ',"usage":null' : ''}}\n\n`
  }

  get start(): StartChunk | undefined {
    return this.#start
  }

  hasBegun(choice: number): boolean {
    return this.#begun.has(choice)
  }

  begin(start: StartChunk): void {
    this.#start = start
    const options = this.#options
    const { model: _, object, ...extra } = extraOf(start, dialect)
    const { system_fingerprint, service_tier, ...once } = extra
    this.#once = once
    const head = {
      id: start.id ?? options.id ?? 'chatcmpl-0',
      object: object ?? 'chat.completion.chunk',
      created: start.created ?? options.created ?? 0,
      model: options.model ?? start.model,
      ...(start.simulated && { simulated: true }),
      system_fingerprint,
      service_tier,
    }
    this.#head = `data: ${JSON.stringify(head).slice(0, -1)}`
    this.#headChanged()
  }

  /** The answer goes on as another start would have it; what the first event said is not said again. */
  goOn(start: StartChunk): void {
    const once = this.#once
    this.begin(start)
    this.#once = once
  }

  /** What the plain deltas of one field of one choice begin with. */
  prefix(choice: number, field: string): string {
    return `${this.#head},"choices":[{"index":${choice},"delta":{"${field}":`
  }

  /** One event, whatever it carries; a choice's first says its role. */
  event(choice: number, delta: JsonDraft, extra: DialectExtra | undefined, finish: string | null = null): string {
    const answer = extra?.[answerFields]
    if (answer !== undefined) this.#follow(answer)
    const { system_fingerprint: _, service_tier: __, ...late } = answer ?? ({} as JsonObject)
    joinFields(this.#once, late)
    const first = !this.#begun.has(choice)
    this.#begun.add(choice)
    const role = first ? { role: 'assistant', ...(delta.content === undefined && { content: null }) } : undefined
    const { finish_reason: ___, ...choiceExtra } = extra?.[choiceFields] ?? {}
    const fields = {
      choices: [
        {
          index: choice,
          delta: { ...role, ...delta, ...extra?.[messageFields] },
          logprobs: null,
          ...choiceExtra,
          finish_reason: finish,
        },
      ],
      ...(this.#options.includeUsage && { usage: null }),
      ...this.#once,
    }
    this.#once = {}
    return `${this.#head},${JSON.stringify(fields).slice(1)}\n\n`
  }

  /** The event of its own that tells usage. */
  usage(usage: Usage, finish: FinishChunk): string {
    const more = this.#options.usageFields?.()
    const last = { choices: [], usage: encodeUsage(usage), ...extraOf(finish, dialect), ...more }
    return `${this.#head},${JSON.stringify(last).slice(1)}\n\n`
  }

  // a server may name its tier only once it knows; what each event repeats must not speak against it
  #follow(answer: JsonObject): void {
    const start = this.#start
    if (start === undefined || (answer.service_tier ?? answer.system_fingerprint) === undefined) return
    this.goOn({ ...start, extra: { ...start.extra, [dialect]: { ...extraOf(start, dialect), ...answer } } })
  }
}
