import type { MessageRequest, Tool } from '@switchyard/core/contract'
import type { SimulatedAnswer, SimulatedToolCall } from './answer.ts'
import { jsonInstance } from './json-instance.ts'
import { tokensOf } from './token-count.ts'

/** What a simulated model says by itself: the same to the same request, and that it is simulated. */
export function spokenAnswer(request: MessageRequest, model: string): SimulatedAnswer {
  const prompt = lastText(request, 'user')
  const toolCalls = calledTools(request, prompt)
  if (toolCalls.length > 0) return { type: 'answer', toolCalls }
  const format = request.responseFormat
  if (format?.type === 'json') return json({ simulated: true, model, answer: `You said: ${shortened(prompt)}` })
  if (format?.type === 'json-schema') return json(jsonInstance(format.schema))
  const results = toolResults(request)
  const images = mediaCount(request)
  return {
    type: 'answer',
    text: [
      `This is a simulated answer from ${model}.`,
      prompt === '' ? '' : ` You said: ${shortened(prompt)}`,
      images === 0 ? '' : ` With it came ${images} ${images === 1 ? 'attachment' : 'attachments'}.`,
      results.length === 0 ? '' : ` The tools said: ${results.join('; ')}`,
    ].join(''),
  }
}

/** What it thinks aloud: so many tokens, about what was asked. */
export function spokenThoughts(request: MessageRequest, tokens: number): string {
  const round = tokensOf(`I am asked: ${shortened(lastText(request, 'user'))} I think about it.\n`)
  return Array.from({ length: tokens }, (_, index) => round[index % round.length]).join('')
}

function json(value: unknown): SimulatedAnswer {
  return { type: 'answer', text: JSON.stringify(value) }
}

function shortened(text: string): string {
  return text.length <= 2_000 ? text : `${[...text].slice(0, 2_000).join('')}...`
}

function lastText(request: MessageRequest, role: 'user'): string {
  for (let index = request.messages.length - 1; index >= 0; index--) {
    const message = request.messages[index]
    if (message?.role === role) return textOf(message.content)
  }
  return ''
}

function textOf(content: string | readonly { readonly type: string }[]): string {
  if (typeof content === 'string') return content
  return content.map(part => (part.type === 'text' && 'text' in part ? String(part.text) : '')).join('')
}

function mediaCount(request: MessageRequest): number {
  const last = request.messages.findLast(message => message.role === 'user')
  if (last === undefined || typeof last.content === 'string') return 0
  return last.content.filter(part => part.type !== 'text' && part.type !== 'opaque').length
}

// the results after the last thing the user said
function toolResults(request: MessageRequest): readonly string[] {
  const results: string[] = []
  for (const message of request.messages) {
    if (message.role === 'user') results.length = 0
    if (message.role === 'tool') for (const part of message.content) results.push(shortened(textOf(part.content)))
  }
  return results
}

function calledTools(request: MessageRequest, prompt: string): readonly SimulatedToolCall[] {
  const tools = (request.tools ?? []).filter((tool): tool is Tool => !('type' in tool))
  const choice = request.toolChoice ?? { type: 'auto' }
  if (tools.length === 0 || choice.type === 'none') return []
  if (request.messages.at(-1)?.role === 'tool') return []
  if (choice.type === 'tool')
    return callsOf(tools.filter(tool => tool.name === choice.name).slice(0, 1), request, prompt)
  const allowed = choice.type === 'allowed' ? tools.filter(tool => choice.names.includes(tool.name)) : tools
  const asked = allowed.filter(tool => isAskedFor(tool, prompt))
  const required = choice.type === 'required' || (choice.type === 'allowed' && choice.required)
  return callsOf(asked.length === 0 && required ? allowed.slice(0, 1) : asked, request, prompt)
}

/** Whether the prompt has a word of the tool's name in it, other than the usual verbs. */
function isAskedFor(tool: Tool, prompt: string): boolean {
  const asked = prompt.toLowerCase()
  const words = tool.name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  const verbs = ['get', 'set', 'the', 'for', 'and', 'fetch', 'list', 'call', 'make']
  return (
    asked.includes(tool.name.toLowerCase()) ||
    words.some(word => word.length > 2 && !verbs.includes(word) && asked.includes(word))
  )
}

function callsOf(tools: readonly Tool[], request: MessageRequest, prompt: string): readonly SimulatedToolCall[] {
  const names = properNouns(prompt)
  const calls = tools.flatMap(tool => {
    const parameters = tool.parameters ?? { type: 'object', properties: {} }
    const subjects = hasText(parameters) && names.length > 0 ? names : [undefined]
    return subjects.map(subject => {
      const call = jsonInstance(parameters, () => subject)
      return { name: tool.name, arguments: call as SimulatedToolCall['arguments'] }
    })
  })
  return request.parallelToolCalls === false ? calls.slice(0, 1) : calls.slice(0, 8)
}

function hasText(schema: unknown): boolean {
  return JSON.stringify(schema).includes('"string"')
}

// "Weather in Oslo and Rome?": a call for each
function properNouns(prompt: string): readonly string[] {
  return [...new Set(prompt.match(/(?<=[\p{L}\p{N},] )\p{Lu}\p{Ll}+/gu) ?? [])]
}
