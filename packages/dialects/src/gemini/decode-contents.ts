import type {
  AssistantPart,
  JsonObject,
  Message,
  SystemMessage,
  ToolResultPart,
  UserPart,
} from '@switchyard/core/contract'
import { keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalText, textAt } from '../field-checks.ts'
import { CallPairing } from './call-pairing.ts'
import { decodeFunctionCall } from './function-calls.ts'
import { decodeFunctionResponse } from './function-responses.ts'
import { decodeMedia } from './media.ts'
import { decodeModelPart } from './model-parts.ts'
import { dialect } from './names.ts'
import { foreignSignature } from './thought-signatures.ts'

/** What one decoding of a request gathers. */
export interface RequestReading {
  readonly maximumMediaBytes: number
  /** Fields that only this dialect can say and that must not be lost. */
  readonly bound: string[]
}

const contentFields = new Set(['role', 'parts'])
const instructionFields = new Set(['parts'])

/** @throws {SwitchyardError} `invalid-request`, naming the content, the part and the field. */
export function decodeContents(value: unknown, reading: RequestReading): Message[] {
  if (value === undefined) throw fault('contents', 'is missing; send at least one content.')
  const wire = listAt(value, 'contents')
  if (wire.length === 0) throw fault('contents', 'is empty; send at least one content.')
  const pairing = new CallPairing()
  const messages = wire.flatMap((entry, at) => decodeContent(entry, `contents[${at}]`, pairing, reading))
  pairing.turn('the end of the conversation')
  return messages
}

/** The system's words, where it has any. */
export function decodeSystemInstruction(value: unknown, reading: RequestReading): SystemMessage | undefined {
  if (value === undefined) return undefined
  const path = 'systemInstruction'
  const instruction = objectAt(value, path)
  const content = partsAt(instruction, path).map((part, at): UserPart => {
    const place = `${path}.parts[${at}]`
    if (part.text === undefined) throw fault(place, 'must have a text; the system says nothing else.')
    return decodeUserPart(part, place, reading)
  })
  const extra = keepExtra(dialect, unknownFields(instruction, instructionFields))
  return { role: 'system', content: plainContent(content) as SystemMessage['content'], ...extra }
}

function decodeContent(value: unknown, path: string, pairing: CallPairing, reading: RequestReading): Message[] {
  const content = objectAt(value, path)
  const role = optionalText(content.role, `${path}.role`) ?? 'user'
  const parts = partsAt(content, path)
  const extra = keepExtra(dialect, unknownFields(content, contentFields))
  if (role === 'model') {
    pairing.turn(path)
    const said = parts.map((part, at) => decodeSaid(part, `${path}.parts[${at}]`, pairing, reading))
    return [{ role: 'assistant', content: plainContent(said), ...extra }]
  }
  if (role !== 'user') throw fault(`${path}.role`, `is "${role}"; it must be user or model.`)
  const results: ToolResultPart[] = []
  const own: UserPart[] = []
  parts.forEach((part, at) => {
    const place = `${path}.parts[${at}]`
    if (part.functionResponse === undefined) own.push(decodeUserPart(part, place, reading))
    else {
      const id = pairing.answer(part.functionResponse, `${place}.functionResponse`)
      results.push(decodeFunctionResponse(part, id, place, reading.maximumMediaBytes))
    }
  })
  pairing.turn(own.length > 0 ? path : 'the next content')
  const messages: Message[] = []
  if (results.length > 0) messages.push({ role: 'tool', content: results, ...extra })
  if (own.length > 0) messages.push({ role: 'user', content: plainContent(own), ...(results.length === 0 && extra) })
  return messages
}

function partsAt(content: JsonObject, path: string): readonly JsonObject[] {
  const place = `${path}.parts`
  if (content.parts === undefined) throw fault(place, 'is missing; send at least one part.')
  const parts = listAt(content.parts, place)
  if (parts.length === 0) throw fault(place, 'is empty; send at least one part.')
  return parts.map((part, at) => objectAt(part, `${place}[${at}]`))
}

function decodeSaid(part: JsonObject, path: string, pairing: CallPairing, reading: RequestReading): AssistantPart {
  const field = dataField(part, path)
  const place = `${path}.functionCall`
  const { thoughtSignature: signature, ...unsigned } = part
  const said = signature === foreignSignature ? unsigned : part
  if (field === 'functionCall')
    return decodeFunctionCall(said, objectAt(part.functionCall, place), pairing.call(part.functionCall, place))
  if (field === 'text') textAt(part.text, `${path}.text`)
  else reading.bound.push(path)
  return decodeModelPart(said)
}

function decodeUserPart(part: JsonObject, path: string, reading: RequestReading): UserPart {
  switch (dataField(part, path)) {
    case 'text': {
      const text = textAt(part.text, `${path}.text`)
      return { type: 'text', text, ...keepExtra(dialect, unknownFields(part, textFields)) }
    }
    case 'inlineData':
    case 'fileData':
      return decodeMedia(part, path, reading.maximumMediaBytes)
    case 'functionCall':
      throw fault(`${path}.functionCall`, 'may not be in a content of role "user"; calls are the model\'s.')
    default:
      reading.bound.push(path)
      return { type: 'opaque', origin: dialect, value: part }
  }
}

const textFields = new Set(['text'])
// what says more of a part and is no part by itself
const modifiers = new Set([
  'thought',
  'thoughtSignature',
  'videoMetadata',
  'mediaResolution',
  'mediaProcessing',
  'partMetadata',
  'speechMetadata',
])

function dataField(part: JsonObject, path: string): string {
  const fields = Object.keys(part).filter(field => !modifiers.has(field))
  const [field, another] = fields
  if (field === undefined) throw fault(path, 'says nothing; it must have a text, inlineData or another kind of data.')
  if (another !== undefined) throw fault(path, `has both ${field} and ${another}; send each as a part of its own.`)
  return field
}

/** One plain text is told as a string. */
function plainContent<Part extends { readonly type: string }>(parts: readonly Part[]): string | readonly Part[] {
  const [only] = parts
  if (parts.length !== 1 || only?.type !== 'text' || 'extra' in only) return parts
  return (only as unknown as { readonly text: string }).text
}
