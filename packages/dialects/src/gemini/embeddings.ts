import type { EmbeddingRequest, EmbeddingResponse, JsonObject } from '@switchyard/core/contract'
import { type AnswerContext, targetName } from '../answer-context.ts'
import { extraOf, keepExtra, unknownFields } from '../extra.ts'
import { fault, listAt, objectAt, optionalNumber, optionalText, textAt } from '../field-checks.ts'
import { isObject, sameJson } from '../json.ts'
import { answerFault } from './answer-start.ts'
import { decodeErrorEvent } from './decode-error.ts'
import { modelName, modelResource } from './model-resource.ts'
import { dialect } from './names.ts'
import { decodeUsage, encodeUsage } from './usage.ts'

const requestFields = new Set(['model', 'content', 'outputDimensionality'])

/** The body of `batchEmbedContents`: one request for each text. */
export function encodeEmbeddingRequest(request: EmbeddingRequest, options: { readonly model: string }): JsonObject {
  const each = {
    ...extraOf(request, dialect),
    model: modelResource(options.model),
    ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions }),
  }
  return { requests: request.input.map(text => ({ ...each, content: { parts: [{ text }] } })) }
}

/** @throws {SwitchyardError} `invalid-request`, naming the field; what differs between the texts is refused, too. */
export function decodeEmbeddingRequest(
  value: unknown,
  options: { readonly defaultModel?: string } = {},
): EmbeddingRequest {
  const body = objectAt(value, 'body')
  const requests = listAt(body.requests, 'requests').map((each, at) => objectAt(each, `requests[${at}]`))
  const [first] = requests
  if (first === undefined) throw fault('requests', 'is empty; send at least one.')
  const model = optionalText(first.model, 'requests[0].model') ?? options.defaultModel
  if (model === undefined) throw fault('model', 'is missing; name the model that shall answer, in the path.')
  const dimensions = optionalNumber(first.outputDimensionality, 'requests[0].outputDimensionality', {
    from: 1,
    whole: true,
  })
  const settings = settingsOf(first)
  const input = requests.map((each, at) => {
    if (!sameJson(settingsOf(each), settings))
      throw fault(`requests[${at}]`, 'has other settings than the first; send it in a request of its own.')
    return embeddedText(each.content, `requests[${at}].content`)
  })
  return {
    model: modelName(model),
    input,
    ...(dimensions !== undefined && { dimensions }),
    ...keepExtra(dialect, unknownFields(first, requestFields)),
  }
}

function settingsOf({ content: _, ...settings }: JsonObject): JsonObject {
  return settings
}

function embeddedText(value: unknown, path: string): string {
  const parts = listAt(objectAt(value, path).parts, `${path}.parts`)
  return parts
    .map((part, at) => textAt(objectAt(part, `${path}.parts[${at}]`).text, `${path}.parts[${at}].text`))
    .join('')
}

/** @throws {SwitchyardError} what the body says went wrong, or `protocol`. */
export function decodeEmbeddingResponse(value: unknown, context: AnswerContext): EmbeddingResponse {
  if (isObject(value) && value.error !== undefined) throw decodeErrorEvent(value, context)
  if (!isObject(value) || !Array.isArray(value.embeddings))
    throw answerFault('protocol', 'the answer has no list of embeddings', context)
  const embeddings = value.embeddings.map((entry, at) => {
    const values = isObject(entry) ? entry.values : undefined
    if (isNumbers(values)) return values
    throw answerFault('protocol', `embeddings[${at}] holds no vector`, context)
  })
  const usage = decodeUsage(value.usageMetadata)
  return { model: targetName(context), embeddings, ...(usage && { usage }) }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(number => typeof number === 'number')
}

export function encodeEmbeddingResponse(response: EmbeddingResponse): JsonObject {
  return {
    embeddings: response.embeddings.map(values => ({ values })),
    ...(response.usage && { usageMetadata: encodeUsage(response.usage) }),
  }
}
