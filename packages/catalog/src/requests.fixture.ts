import type { JsonObject, JsonValue, Message, MessageRequest, Tool, ToolCallPart } from '@switchyard/core'
import fc from 'fast-check'

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }))
const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }) as fc.Arbitrary<JsonValue>
const object = fc.dictionary(fc.string({ maxLength: 8 }), json, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/)
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const call: fc.Arbitrary<ToolCallPart> = fc.oneof(
  fc.record({ type: fc.constant('tool-call' as const), id, name: id, input: object }),
  fc.record({
    type: fc.constant('tool-call' as const),
    id,
    name: id,
    invalid: fc.record({ text, reason: fc.constant('') }),
  }),
)
const hint = fc.constantFrom({}, { lifetime: '5m' }, { lifetime: '1h' })
const textPart = fc.record(
  { type: fc.constant('text' as const), text, cache: hint },
  { requiredKeys: ['type', 'text'] },
)
const image = fc.record({
  type: fc.constant('image' as const),
  source: fc.record({ type: fc.constant('base64' as const), mediaType: fc.constant('image/png'), data: text }),
})
const reasoning = fc.record({
  type: fc.constant('reasoning' as const),
  text,
  signature: text,
  origin: fc.constant('anthropic-messages'),
})
const result = fc.record({
  type: fc.constant('tool-result' as const),
  callId: id,
  name: id,
  content: fc.oneof(text, fc.array(fc.oneof(textPart, image), { maxLength: 2 })),
})

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), content: text }),
  fc.record({
    role: fc.constant('user' as const),
    content: fc.oneof(text, fc.array(fc.oneof(textPart, image), { maxLength: 3 })),
  }),
  fc.record({
    role: fc.constant('assistant' as const),
    content: fc.array(fc.oneof(textPart, call, reasoning), { maxLength: 3 }),
  }),
  fc.record({ role: fc.constant('tool' as const), content: fc.array(result, { maxLength: 2 }) }),
)
const tool: fc.Arbitrary<Tool> = fc.record({ name: id, description: text, parameters: object })

// as long as the tiers begin at, and a little longer
const padding = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  fc.constantFrom(99_800, 100_001, 199_700, 200_000, 271_700, 272_001),
)

/** Requests whose prompt can be bounded: no remote files, sounds or things that only a provider knows. */
export const boundableRequest: fc.Arbitrary<MessageRequest> = fc
  .record({
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    tools: optional(fc.array(tool, { maxLength: 3 })),
    maxOutputTokens: fc.integer({ min: 1, max: 20_000 }),
    schema: optional(object),
    length: padding,
  })
  .map(({ messages, tools, maxOutputTokens, schema, length }) => ({
    messages: [...messages, { role: 'user' as const, content: 'x'.repeat(length) }],
    maxOutputTokens,
    ...(tools && { tools }),
    ...(schema && { responseFormat: { type: 'json-schema' as const, name: 'answer', schema } }),
  }))

/** The lifetimes that a request's cache hints ask for. */
export function hintedLifetimes(request: MessageRequest): string[] {
  const found: string[] = []
  JSON.stringify(request.messages, (key, value) => {
    if (key === 'cache') found.push(value.lifetime ?? 'default')
    return value
  })
  return found
}

/**
 * The most tokens that a spendthrift server would make of a request: a token for every byte, in a wordy template
 * that indents JSON, escapes all that is not ASCII, and explains tools at length. It shares no code with the estimate.
 */
export function spendthriftTokens(request: MessageRequest, tokensOfAnImage: number): number {
  let prompt = '<|begin|>You are an assistant. Knowledge ends in 2026. Reasoning: high.\n'
  let images = 0
  const content = (parts: Message['content'] | readonly { readonly type: string }[]): string => {
    if (typeof parts === 'string') return parts
    return (parts as Exclude<Message['content'], string>)
      .map((part): string => {
        switch (part.type) {
          case 'text':
            return `\n${part.text}`
          case 'reasoning':
            return `<t>${part.text}${part.signature}</t>`
          case 'tool-call':
            return `\n${part.id}${spread({ name: part.name, arguments: part.invalid ? part.invalid.text : part.input })}`
          case 'tool-result':
            return `\n${part.callId}${part.name}:${content(part.content)}`
          case 'image':
            images++
            return ''
          default:
            throw new Error(`a server cannot read ${part.type}`)
        }
      })
      .join('')
  }
  for (const { role, content: parts } of request.messages) {
    prompt += `<|im_start|>${role}\n${content(parts)}<|im_end|>\n`
  }
  if (request.tools?.length) prompt += ' '.repeat(900)
  for (const tool of request.tools ?? []) prompt += `# tool\n${spread({ type: 'function', function: tool as never })}\n`
  if (request.responseFormat?.type === 'json-schema') {
    prompt += `${'Answer in JSON that fits this schema, and in nothing else. '.repeat(5)}${spread(request.responseFormat.schema)}`
  }
  return new TextEncoder().encode(prompt).length + images * tokensOfAnImage
}

function spread(value: JsonValue): string {
  return JSON.stringify(value, null, 4).replace(
    /[\u0080-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
