import { isObject, type Json } from '../json-value.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { signs } from './gemini-models.ts'
import { checkPart } from './part-rules.ts'
import { InvalidArgument, listAt, objectAt, onlyFields, stringAt } from './refusal.ts'
import { isIntact } from './thought-signature.ts'

/** One turn of a conversation, checked. */
interface Turn {
  readonly role: 'user' | 'model'
  readonly parts: readonly Json[]
  readonly path: string
}

/** @throws {InvalidArgument} when a conversation is not as it must be for this model. */
export function checkContents(value: unknown, model: SimulatedModel): void {
  const contents = value === undefined ? [] : listAt(value, 'contents')
  if (contents.length === 0)
    throw new InvalidArgument('* GenerateContentRequest.contents: contents is not specified', 'contents')
  const turns = contents.map((content, index) => turnAt(content, `contents[${index}]`))
  checkOrder(turns)
  checkCalls(turns)
  checkSignatures(turns, model)
}

/** @throws {InvalidArgument} when what the system says is no text. */
export function checkSystemInstruction(value: unknown): void {
  if (value === undefined) return
  const path = 'system_instruction'
  const instruction = objectAt(value, path)
  onlyFields(instruction, ['role', 'parts'], path)
  for (const part of partsAt(instruction, path)) {
    if (part.text === undefined) throw new InvalidArgument('System instruction should only contain text.', path)
    checkPart(part, 'user', path)
  }
}

function turnAt(value: unknown, path: string): Turn {
  const content = objectAt(value, path)
  onlyFields(content, ['role', 'parts'], path)
  const role = content.role === undefined ? 'user' : stringAt(content.role, `${path}.role`)
  if (role !== 'user' && role !== 'model')
    throw new InvalidArgument('Please use a valid role: user, model.', `${path}.role`)
  const parts = partsAt(content, path)
  for (const [index, part] of parts.entries()) checkPart(part, role, `${path}.parts[${index}]`)
  return { role, parts, path }
}

function partsAt(content: Json, path: string): readonly Json[] {
  const place = `${path}.parts`
  const parts = content.parts === undefined ? [] : listAt(content.parts, place)
  if (parts.length === 0)
    throw new InvalidArgument(`* GenerateContentRequest.${place}: contents.parts must not be empty.`, place)
  return parts.map((part, index) => objectAt(part, `${place}[${index}]`))
}

function checkOrder(turns: readonly Turn[]): void {
  for (const [index, { role, path }] of turns.entries()) {
    const expected = index % 2 === 0 ? 'user' : 'model'
    if (role !== expected)
      throw new InvalidArgument('Please ensure that multiturn requests alternate between user and model.', path)
  }
}

function checkCalls(turns: readonly Turn[]): void {
  for (const [index, { role, parts, path }] of turns.entries()) {
    if (role === 'model') continue
    const calls = dataOf(turns[index - 1]?.parts ?? [], 'functionCall')
    const responses = dataOf(parts, 'functionResponse')
    if (calls.length === 0 && responses.length > 0) {
      const message = 'Please ensure that function response turn comes immediately after a function call turn.'
      throw new InvalidArgument(message, path)
    }
    const open = [...calls]
    for (const { id, name } of responses) {
      const at = open.findIndex(call => call.name === name && (id === undefined || call.id === id))
      if (at < 0) break
      open.splice(at, 1)
    }
    if (open.length > 0 || calls.length !== responses.length) throw unequal(path)
  }
  const last = turns.at(-1)
  if (last?.role === 'model' && dataOf(last.parts, 'functionCall').length > 0) throw unequal(last.path)
}

function unequal(path: string): InvalidArgument {
  const message =
    'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'
  return new InvalidArgument(message, path)
}

function dataOf(parts: readonly Json[], field: string): readonly Json[] {
  return parts.map(part => part[field]).filter(isObject)
}

// a signature that is there must hold; the first call of each answer of the current turn must have one
function checkSignatures(turns: readonly Turn[], model: SimulatedModel): void {
  if (!signs(model)) return
  for (const { parts, path } of turns) {
    for (const [index, part] of parts.entries()) {
      if (part.thoughtSignature !== undefined && !isIntact(part))
        throw new InvalidArgument('Corrupted thought signature.', `${path}.parts[${index}].thought_signature`)
    }
  }
  if (model.thinking === 'budget') return
  const asked = turns.findLastIndex(
    ({ role, parts }) => role === 'user' && parts.some(part => part.functionResponse === undefined),
  )
  for (const { role, parts, path } of turns.slice(asked + 1)) {
    const first = parts.find(part => part.functionCall !== undefined)
    if (role === 'user' || first === undefined || first.thoughtSignature !== undefined) continue
    const message =
      'Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly.'
    throw new InvalidArgument(message, path)
  }
}
