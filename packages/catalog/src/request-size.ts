import type {
  DialectExtra,
  EmbeddingRequest,
  JsonObject,
  JsonValue,
  MediaSource,
  Message,
  MessageRequest,
  OpaquePart,
  ToolResultPart,
} from '@switchyard/core'
import type { PromptOverhead } from './prompt-overhead.ts'
import { cacheLifetimesIn } from './request-terms.ts'

/** How much of a prompt a request is. */
export interface RequestSize {
  /** As many tokens as the prompt can be at most: no tokenizer makes more tokens than there are bytes. */
  readonly most: number
  /** About how many tokens it will be. */
  readonly expected: number
  /** What cannot be bounded, and where; nothing where `most` holds. */
  readonly unbounded: readonly string[]
  /** The lifetimes that hints and dialects' own fields ask for within the request; `default` where they name none. */
  readonly cacheLifetimes: ReadonlySet<string>
}

type Content = Exclude<Message['content'], string>
type Part = Content[number] | Exclude<ToolResultPart['content'], string>[number]

// of prose: four bytes make about one token, and a picture is about this much
const bytesPerToken = 4
const usualImage = 1_000
const usualMessage = 4

/** Measures what is sent to a provider that speaks these dialects; `undefined` is any. */
export function requestSize(
  request: MessageRequest,
  overhead: PromptOverhead,
  speaks: (dialect: string) => boolean,
): RequestSize {
  const measure = new Measure(overhead, speaks)
  measure.request(request)
  return measure.size()
}

/** Measures what is sent to be embedded. */
export function embeddingSize(
  request: EmbeddingRequest,
  overhead: PromptOverhead,
  speaks: (dialect: string) => boolean,
): RequestSize {
  const measure = new Measure(overhead, speaks)
  measure.embedding(request)
  return measure.size()
}

class Measure {
  readonly #overhead: PromptOverhead
  readonly #speaks: (dialect: string) => boolean
  readonly #unbounded: string[] = []
  readonly #lifetimes = new Set<string>()
  #most = 0
  #expected = 0

  constructor(overhead: PromptOverhead, speaks: (dialect: string) => boolean) {
    this.#overhead = overhead
    this.#speaks = speaks
  }

  size(): RequestSize {
    return {
      most: this.#most,
      expected: this.#expected,
      unbounded: this.#unbounded,
      cacheLifetimes: this.#lifetimes,
    }
  }

  embedding({ input, extra = {} }: EmbeddingRequest): void {
    this.#add(this.#overhead.request, 0)
    for (const [dialect, fields] of Object.entries(extra)) if (this.#speaks(dialect)) this.#json(fields)
    for (const text of input) {
      this.#add(this.#overhead.message, 0)
      this.#text(text)
    }
  }

  request({ messages, tools = [], responseFormat = { type: 'text' }, extra = {} }: MessageRequest): void {
    this.#add(this.#overhead.request, usualMessage)
    for (const [dialect, fields] of Object.entries(extra)) if (this.#speaks(dialect)) this.#json(fields)
    for (const [at, message] of messages.entries()) this.#message(message, `messages[${at}]`)
    if (tools.length > 0) this.#add(this.#overhead.tools, usualMessage)
    for (const [at, tool] of tools.entries()) {
      if (!('type' in tool)) {
        this.#add(this.#overhead.tool, usualMessage)
        this.#json({ type: 'function', function: tool as unknown as JsonObject })
        for (const [dialect, fields] of Object.entries(tool.extra ?? {})) this.#cacheFields(dialect, fields)
      } else if (this.#speaks(tool.origin)) {
        this.#unbounded.push(`tools[${at}]: what a provider's own tool adds to the prompt cannot be stated`)
      }
    }
    if (responseFormat.type !== 'text') this.#add(this.#overhead.format, usualMessage)
    if (responseFormat.type === 'json-schema') this.#json(responseFormat as unknown as JsonValue)
  }

  #message(message: Message, place: string): void {
    this.#add(this.#overhead.message, usualMessage)
    if ('name' in message && message.name !== undefined) this.#text(message.name)
    this.#extra(message.extra, place)
    this.#content(message.content, place)
  }

  #content(content: string | readonly Part[], place: string): void {
    if (typeof content === 'string') this.#text(content)
    else for (const [at, part] of content.entries()) this.#part(part, `${place}.content[${at}]`)
  }

  #part(part: Part, place: string): void {
    this.#add(this.#overhead.part, 0)
    if (part.type !== 'opaque') {
      if (part.cache) this.#lifetimes.add(part.cache.lifetime ?? 'default')
      this.#extra(part.extra, place)
    }
    switch (part.type) {
      case 'text':
        this.#text(part.text)
        break
      case 'reasoning':
        this.#text(part.text)
        this.#text(part.signature ?? '')
        break
      case 'tool-call':
        this.#text(part.id)
        this.#json({ name: part.name, arguments: part.invalid ? part.invalid.text : part.input })
        break
      case 'tool-result':
        this.#text(part.callId)
        this.#text(part.name ?? '')
        this.#content(part.content, place)
        break
      case 'image':
        this.#image(part.source, place)
        break
      case 'audio':
        this.#unbounded.push(`${place}: how many tokens a sound is, and at what price, cannot be stated`)
        break
      case 'document':
        this.#text(part.name ?? '')
        this.#document(part.source, place)
        break
      case 'opaque':
        this.#opaque(part, place)
        break
    }
  }

  #image(source: MediaSource, place: string): void {
    const { image } = this.#overhead
    if (source.type !== 'base64') this.#remote(source, place)
    else if (image === undefined) this.#unbounded.push(`${place}: no bound is known for this provider's pictures`)
    this.#add(image ?? 0, usualImage)
  }

  #document(source: MediaSource, place: string): void {
    if (source.type !== 'base64') this.#remote(source, place)
    else if (source.mediaType.startsWith('text/')) this.#text(source.data)
    else this.#unbounded.push(`${place}: how much text a ${source.mediaType} holds cannot be stated from its bytes`)
  }

  #remote({ type }: MediaSource, place: string): void {
    const what = type === 'url' ? 'is at an address' : 'is stored at the provider'
    this.#unbounded.push(`${place}: what ${what} has a size that cannot be stated`)
  }

  // a block of another dialect is not sent
  #opaque({ origin }: OpaquePart, place: string): void {
    if (!this.#speaks(origin)) return
    this.#unbounded.push(`${place}: what a block that only ${origin} knows becomes cannot be stated`)
  }

  #extra(extra: DialectExtra | undefined, place: string): void {
    for (const [dialect, fields] of Object.entries(extra ?? {})) {
      if (!this.#speaks(dialect)) continue
      this.#cacheFields(dialect, fields)
      if (fields.audio != null) this.#unbounded.push(`${place}: a stored sound has a size that cannot be stated`)
      this.#json(fields)
    }
  }

  #cacheFields(dialect: string, fields: JsonObject): void {
    if (!this.#speaks(dialect)) return
    for (const lifetime of cacheLifetimesIn(fields)) this.#lifetimes.add(lifetime)
  }

  #text(text: string): void {
    const bytes = Buffer.byteLength(text)
    this.#add(bytes, Math.ceil(bytes / bytesPerToken))
  }

  // servers write JSON into the prompt in their own way: indented and with escapes at the widest
  #json(value: JsonValue): void {
    const compact = JSON.stringify(value)
    const indented = JSON.stringify(value, null, 4)
    let escaped = 0
    if (Buffer.byteLength(indented) > indented.length) {
      for (let at = 0; at < indented.length; at++) if (indented.charCodeAt(at) > 127) escaped++
    }
    this.#add(indented.length + escaped * 5, Math.ceil(Buffer.byteLength(compact) / bytesPerToken))
  }

  #add(most: number, expected: number): void {
    this.#most += most
    this.#expected += expected
  }
}
