import type { JsonObject, ToolResultPart } from '@switchyard/core/contract'
import { absentPart } from '../conversation/error-in-words.ts'
import type { Dropped } from '../dropped.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { listAt, objectAt } from '../field-checks.ts'
import { isObject, type JsonDraft, sameJson } from '../json.ts'
import { decodeMedia, encodeMedia } from './media.ts'
import { dialect } from './names.ts'

/** What a response must know of the call that it answers. */
export interface AnsweredCall {
  readonly name: string
  /** As the wire has it; absent where it has none. */
  readonly id: string | undefined
}

const responseFields = new Set(['id', 'name', 'response', 'parts'])
const partFields = new Set(['functionResponse'])

/** A tool's result as a part of the wire, media beside its text. */
export function encodeFunctionResponse(
  result: ToolResultPart,
  call: AnsweredCall,
  path: string,
  dropped: Dropped,
): JsonObject {
  const { functionResponse, ...fields } = extraOf(result, dialect)
  const { response: said, ...inner } = isObject(functionResponse) ? functionResponse : ({} as JsonObject)
  const texts: string[] = []
  const parts: JsonObject[] = []
  if (typeof result.content === 'string') texts.push(result.content)
  else {
    result.content.forEach((part, at) => {
      const place = `${path}.content[${at}]`
      if (part.type === 'text') texts.push(part.text)
      else if (part.type === 'opaque' && part.origin === dialect && isObject(part.value)) parts.push(part.value)
      else if (part.type === 'opaque') {
        dropped.add(place, `only ${part.origin} knows this part`)
        texts.push(absentPart(part.type))
      } else {
        const media = encodeMedia(part, place, dropped)
        if (media === undefined) texts.push(absentPart(part.type))
        else parts.push(media)
      }
    })
  }
  const text = texts.join('\n')
  const response = result.isError ? { error: text } : { output: text }
  const same = isObject(said) && sameJson(readResponse(said), readResponse(response))
  return {
    ...fields,
    functionResponse: {
      ...inner,
      ...(call.id !== undefined && { id: call.id }),
      name: call.name,
      response: same ? said : response,
      ...(parts.length > 0 && { parts }),
    },
  }
}

/** A part that has a `functionResponse`. @throws {SwitchyardError} `invalid-request`, naming the field. */
export function decodeFunctionResponse(
  part: JsonObject,
  callId: string,
  path: string,
  maximumBytes: number,
): ToolResultPart {
  const place = `${path}.functionResponse`
  const wire = objectAt(part.functionResponse, place)
  const response = objectAt(wire.response, `${place}.response`)
  const rest: JsonDraft = unknownFields(part, partFields)
  const inner: JsonDraft = unknownFields(wire, responseFields)
  const { text, isError } = readResponse(response)
  const usual = isError ? { error: text } : { output: text }
  if (!sameJson(response, usual)) inner.response = response
  if (Object.keys(inner).length > 0) rest.functionResponse = inner
  const media =
    wire.parts === undefined
      ? []
      : listAt(wire.parts, `${place}.parts`).map((each, at) => {
          const inPlace = `${place}.parts[${at}]`
          return decodeMedia(objectAt(each, inPlace), inPlace, maximumBytes)
        })
  const content = media.length === 0 ? text : [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...media]
  return {
    type: 'tool-result',
    callId,
    name: String(wire.name),
    content,
    ...(isError && { isError }),
    ...keepExtra(dialect, rest),
  }
}

/** What a response says: by the words for it, else all of it as JSON. */
function readResponse(response: JsonObject): { readonly text: string; readonly isError: boolean } {
  const isError = response.error !== undefined
  const said = isError ? response.error : response.output
  const alone = Object.keys(response).length === 1 && said !== undefined
  return { text: alone && typeof said === 'string' ? said : JSON.stringify(alone ? said : response), isError }
}
