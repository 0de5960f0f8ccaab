import type { Json } from '../json-value.ts'
import { InvalidArgument, listAt, objectAt, onlyFields, optionalBoolean, stringAt } from './refusal.ts'

const dataFields = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
]
const furtherFields = ['thought', 'thoughtSignature', 'videoMetadata', 'mediaResolution', 'partMetadata']
const mimeTypes =
  /^(image\/(png|jpeg|webp|heic|heif|gif)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/[\w.+-]+|application\/(pdf|json|x-javascript|x-python))$/
// stored files, videos, and whatever else the server can fetch for itself
const files = /^(https|gs):\/\/[^/\s]+\/.+$/

/** @throws {InvalidArgument} when a part is not as it must be in a content of this role. */
export function checkPart(part: Json, role: string, path: string): void {
  onlyFields(part, [...dataFields, ...furtherFields], path)
  const data = dataFields.filter(field => part[field] !== undefined)
  if (data.length !== 1) {
    const message = `* GenerateContentRequest.${path}.data: required oneof field 'data' must have one initialized field`
    throw new InvalidArgument(message, `${path}.data`)
  }
  const [field = ''] = data
  optionalBoolean(part.thought, `${path}.thought`)
  if (part.thoughtSignature !== undefined) stringAt(part.thoughtSignature, `${path}.thought_signature`)
  const value = part[field]
  if (field === 'text') stringAt(value, `${path}.text`)
  else if (field === 'inlineData') checkInlineData(objectAt(value, `${path}.inline_data`), `${path}.inline_data`)
  else if (field === 'fileData') checkFileData(objectAt(value, `${path}.file_data`), `${path}.file_data`)
  else if (field === 'functionCall') checkCall(objectAt(value, `${path}.function_call`), role, `${path}.function_call`)
  else if (field === 'functionResponse')
    checkResponse(objectAt(value, `${path}.function_response`), role, `${path}.function_response`)
  else objectAt(value, `${path}.${field}`)
}

function checkInlineData(data: Json, path: string): void {
  onlyFields(data, ['mimeType', 'data'], path)
  checkMimeType(data.mimeType, path)
  const base64 = stringAt(data.data, `${path}.data`)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 === 1)
    throw new InvalidArgument(`Invalid value at '${path}.data' (TYPE_BYTES), Base64 decoding failed`, `${path}.data`)
}

function checkFileData(file: Json, path: string): void {
  onlyFields(file, ['mimeType', 'fileUri'], path)
  if (file.mimeType !== undefined) checkMimeType(file.mimeType, path)
  const uri = stringAt(file.fileUri, `${path}.file_uri`)
  if (!files.test(uri)) throw new InvalidArgument(`Invalid or unsupported file uri: ${uri}`, `${path}.file_uri`)
}

function checkMimeType(value: unknown, path: string): void {
  const type = stringAt(value, `${path}.mime_type`)
  if (!mimeTypes.test(type)) throw new InvalidArgument(`Unsupported MIME type: ${type}`, `${path}.mime_type`)
}

function checkCall(call: Json, role: string, path: string): void {
  if (role !== 'model') throw new InvalidArgument('Please ensure that function call turn comes from the model.', path)
  onlyFields(call, ['id', 'name', 'args'], path)
  if (call.id !== undefined) stringAt(call.id, `${path}.id`)
  checkName(call.name, path)
  if (call.args !== undefined) objectAt(call.args, `${path}.args`)
}

function checkResponse(response: Json, role: string, path: string): void {
  if (role !== 'user') throw new InvalidArgument('Please ensure that function response turn comes from the user.', path)
  onlyFields(response, ['id', 'name', 'response', 'parts', 'willContinue', 'scheduling'], path)
  if (response.id !== undefined) stringAt(response.id, `${path}.id`)
  checkName(response.name, path)
  objectAt(response.response, `${path}.response`)
  const parts = response.parts === undefined ? [] : listAt(response.parts, `${path}.parts`)
  for (const [index, item] of parts.entries()) {
    const place = `${path}.parts[${index}]`
    const part = objectAt(item, place)
    onlyFields(part, ['inlineData', 'fileData'], place)
    checkPart(part, role, place)
  }
}

function checkName(value: unknown, path: string): void {
  if (stringAt(value ?? '', `${path}.name`) === '')
    throw new InvalidArgument(`* GenerateContentRequest.${path}.name: Name cannot be empty.`, `${path}.name`)
}
