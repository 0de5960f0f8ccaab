import { isObject } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { capabilitiesOf } from './ollama-models.ts'
import { optional, optionalList, Refusal, wrongType } from './refusal.ts'

const message = 'ChatRequest.messages'

/** @throws {Refusal} for what the server cannot read, or the model cannot see. */
export function checkMessages(messages: readonly unknown[], model: SimulatedModel): void {
  for (const entry of messages) {
    if (!isObject(entry)) throw wrongType(entry, message, 'api.Message')
    for (const field of ['role', 'content', 'thinking', 'tool_name', 'tool_call_id']) {
      optional(entry[field], 'string', `${message}.${field}`)
    }
    const images = optionalList(entry.images, `${message}.images`, '[]api.ImageData')
    for (const image of images) checkImage(image)
    if (images.length > 0 && !capabilitiesOf(model).includes('vision')) {
      throw new Refusal(
        500,
        'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
      )
    }
    for (const call of optionalList(entry.tool_calls, `${message}.tool_calls`, '[]api.ToolCall')) checkCall(call)
  }
}

function checkImage(image: unknown): void {
  if (typeof image !== 'string') throw wrongType(image, `${message}.images`, 'api.ImageData')
  const strange = /[^A-Za-z0-9+/\r\n]/.exec(image.replace(/={0,2}$/, ''))
  if (strange !== null) throw new Refusal(400, `illegal base64 data at input byte ${strange.index}`)
  if (image.replace(/[\r\n]/g, '').length % 4 !== 0) {
    throw new Refusal(400, `illegal base64 data at input byte ${image.length}`)
  }
}

function checkCall(call: unknown): void {
  const field = `${message}.tool_calls`
  if (!isObject(call)) throw wrongType(call, field, 'api.ToolCall')
  optional(call.id, 'string', `${field}.id`)
  const called = call.function
  if (called === undefined || called === null) return
  if (!isObject(called)) throw wrongType(called, `${field}.function`, 'api.ToolCallFunction')
  optional(called.name, 'string', `${field}.function.name`)
  optional(called.index, 'number', `${field}.function.index`, 'int')
  const given = called.arguments
  if (given !== undefined && given !== null && !isObject(given)) {
    throw new Refusal(400, "Value looks like object, but can't find closing '}' symbol")
  }
}
